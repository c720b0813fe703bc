// SPDX-License-Identifier: Apache-2.0
import type { KvReader, PreparedTransaction } from "@consortium/ledger";

/** One verified state of the public tables of the main ledger. */
export interface LedgerSnapshot {
  /** May move on while it is used: whatever is newer than `seqno` is noticed and refused. */
  readonly kv: KvReader;
  /** The last transaction in it. */
  readonly seqno: number;
  readonly view: number;
  /** The Merkle root over the leaves 0 to `seqno`. */
  readonly root: Uint8Array;
}

export type { PreparedTransaction } from "@consortium/ledger";

/** What governance needs of the rest of the node. */
export interface LedgerPort {
  snapshot(): LedgerSnapshot;
  /**
   * Resolves when the transaction is committed. Throws `TRANSACTION_CONFLICT` when something that
   * it read has changed, `EFFECT_FAILED` when the primary could not do what it asks.
   */
  submit(
    transaction: PreparedTransaction,
    options: { signal?: AbortSignal | undefined },
  ): Promise<{ transactionId: string }>;
  /** Resolves when the snapshots have reached this seqno; rejects when aborted. */
  reached(seqno: number, options: { signal?: AbortSignal | undefined }): Promise<void>;
}
