// SPDX-License-Identifier: Apache-2.0
import type { channel } from "@consortium/proto";
import { keyToBytes, type KvReader, type ReadDependency, type WriteSet } from "@consortium/ledger";

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

/** A transaction that was executed here, for the primary to order. */
export interface PreparedTransaction {
  readonly readVersion: number;
  readonly reads: readonly ReadDependency[];
  readonly writes: WriteSet;
  readonly effects: readonly channel.Effect[];
}

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

/** The message of a prepared transaction on the channel to the primary. */
export function toSubmitRequest(
  transaction: PreparedTransaction,
  groupId: number,
): channel.SubmitTransactionRequest {
  const writes: channel.Write[] = [];
  for (const [map, keys] of transaction.writes) {
    for (const [key, value] of keys)
      writes.push({ map, key: keyToBytes(key), value: value ?? undefined });
  }
  return {
    groupId,
    readVersion: BigInt(transaction.readVersion),
    reads: transaction.reads.map((read) => ({
      map: read.map,
      scope:
        "wholeMap" in read
          ? { $case: "wholeMap", value: true }
          : { $case: "key", value: keyToBytes(read.key) },
      version: BigInt(read.version),
    })),
    writes,
    effects: [...transaction.effects],
  };
}
