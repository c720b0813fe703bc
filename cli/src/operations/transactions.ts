// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeClient } from "../connect/clients.js";
import { cliErrors } from "../errors.js";
import { transactionStatusName } from "../views/enum-names.js";

const POLL_MS = 50;

export interface TransactionStatusResult {
  transactionId: string;
  status: string;
}

export async function getTransactionStatus(
  client: NodeClient,
  transactionId: string,
): Promise<TransactionStatusResult> {
  const { status } = await client.getTransactionStatus({ groupId: 0, transactionId });
  return { transactionId, status: transactionStatusName(status) };
}

/** Returns once it is committed; fails when it never can be, or not in time. */
export async function waitUntilCommitted(
  client: NodeClient,
  transactionId: string,
  timeoutMs: number,
): Promise<TransactionStatusResult> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const result = await getTransactionStatus(client, transactionId);
    if (result.status === "Committed") return result;
    if (result.status === "Invalid") throw neverCommitted(transactionId);
    if (Date.now() >= end) throw notInTime(result);
    await sleep(POLL_MS);
  }
}

function neverCommitted(transactionId: string): Error {
  return cliErrors("TRANSACTION_INVALID", `transaction ${transactionId} can never be committed`, {
    details: { transaction_id: transactionId },
    hint: "Its seqno was taken in another view: make the write again.",
  });
}

function notInTime({ transactionId, status }: TransactionStatusResult): Error {
  return cliErrors("WAIT_TIMED_OUT", `transaction ${transactionId} is still ${status}`, {
    details: { transaction_id: transactionId, status },
    hint: "Give it longer with --wait-timeout, or look at the services with `ccfctl status`.",
  });
}
