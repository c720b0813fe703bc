// SPDX-License-Identifier: Apache-2.0
import { LedgerSecret } from "@consortium/crypto-wasm";
import {
  buildCoseReceipt,
  buildReceipt,
  canonicalJson,
  type GroupStore,
  iterateEntries,
  type JsonValue,
  type ReceiptSource,
} from "@consortium/ledger";
import { node } from "@consortium/proto";
import type { SecretVersion } from "../effects/secret-version.js";
import { nodeErrors } from "../errors.js";
import type { GroupState } from "./node-view.js";
import { transactionStatus } from "./transaction-status.js";

/** Both receipts of a committed transaction, made from its chunk in the store. */
export async function getReceipt(
  asked: { view: number; seqno: number },
  group: GroupState,
  store: GroupStore,
): Promise<node.GetReceiptResponse> {
  const transactionId = `${asked.view}.${asked.seqno}`;
  requireCommitted(transactionStatus(asked, group), transactionId);
  const source = await receiptSource(asked, group, store);
  // A signature transaction has no COSE receipt: its root is what the service signed.
  const isSignature = source.entry === source.signatureEntry;
  return {
    transactionId,
    receiptJson: canonicalJson(buildReceipt(source) as unknown as JsonValue),
    receiptCose: isSignature ? new Uint8Array() : buildCoseReceipt(source),
  };
}

function requireCommitted(status: node.TransactionStatus, transactionId: string): void {
  if (status === node.TransactionStatus.COMMITTED) return;
  if (status === node.TransactionStatus.INVALID) {
    throw nodeErrors("TRANSACTION_INVALID", `transaction ${transactionId} was never committed`, {
      hint: "its view ended before; write again",
    });
  }
  throw nodeErrors(
    "TRANSACTION_PENDING_OR_UNKNOWN",
    `only committed transactions have receipts; ${transactionId} is not committed`,
    { hint: "ask again in a moment, or wait with `ccfctl tx status --wait`", retryAfterMs: 100 },
  );
}

async function receiptSource(
  { view, seqno }: { view: number; seqno: number },
  group: GroupState,
  store: GroupStore,
): Promise<ReceiptSource> {
  const chunk = await store.readChunk(seqno);
  if (chunk === undefined) {
    throw nodeErrors("LEDGER_ROLLED_BACK", `the store has lost the committed seqno ${seqno}`, {
      hint: "restore the newest copy of the database",
    });
  }
  let entry: Uint8Array | undefined;
  let signatureEntry: Uint8Array = chunk.entries;
  for (const { offset, length, seqno: at } of iterateEntries(chunk.entries)) {
    const bytes = chunk.entries.subarray(offset, offset + length);
    if (at === seqno) entry = bytes;
    signatureEntry = bytes;
  }
  if (entry === undefined) throw new Error(`the chunk of seqno ${seqno} does not hold it`);
  if (chunk.lastSeqno === seqno) signatureEntry = entry;
  return { entry, signatureEntry, commitEvidence: commitEvidence(group.secrets, view, seqno) };
}

function commitEvidence(secrets: readonly SecretVersion[], view: number, seqno: number): string {
  const version = secrets.findLast((secret) => secret.version <= seqno);
  if (version === undefined) throw new Error(`there is no ledger secret for seqno ${seqno}`);
  using secret = new LedgerSecret(version.raw);
  return secret.commitEvidence(view, seqno);
}
