// SPDX-License-Identifier: Apache-2.0
import { node } from "@consortium/proto";
import type { GroupState } from "./node-view.js";

/** What is known of a transaction id (reference G.1). */
export function transactionStatus(
  asked: { view: number; seqno: number },
  group: GroupState,
): node.TransactionStatus {
  const { TransactionStatus } = node;
  if (asked.seqno < 1) return TransactionStatus.INVALID;
  if (asked.seqno <= group.committedSeqno) {
    const isThere = group.history.viewOf(asked.seqno) === asked.view;
    return isThere ? TransactionStatus.COMMITTED : TransactionStatus.INVALID;
  }
  // The seqno is free, but an older view writes no more.
  if (asked.view < group.view) return TransactionStatus.INVALID;
  const isPending = asked.view === group.view && asked.seqno <= group.latestSeqno;
  return isPending ? TransactionStatus.PENDING : TransactionStatus.UNKNOWN;
}
