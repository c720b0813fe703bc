// SPDX-License-Identifier: Apache-2.0
import type { ViewHistory } from "@consortium/ledger";
import { node } from "@consortium/proto";
import type { Primary } from "../pipeline/primary.js";

/** What is known of a transaction id (reference G.1). */
export function transactionStatus(
  asked: { view: number; seqno: number },
  primary: Primary,
  history: ViewHistory,
): node.TransactionStatus {
  const { TransactionStatus } = node;
  if (asked.seqno < 1) return TransactionStatus.INVALID;
  if (asked.seqno <= primary.committedSeqno) {
    const isThere = history.viewOf(asked.seqno) === asked.view;
    return isThere ? TransactionStatus.COMMITTED : TransactionStatus.INVALID;
  }
  // The seqno is free, but an older view writes no more.
  if (asked.view < primary.view) return TransactionStatus.INVALID;
  const isPending = asked.view === primary.view && asked.seqno <= primary.latestSeqno;
  return isPending ? TransactionStatus.PENDING : TransactionStatus.UNKNOWN;
}
