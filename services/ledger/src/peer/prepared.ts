// SPDX-License-Identifier: Apache-2.0
import type { channel } from "@consortium/proto";
import { keyToBytes, type ReadDependency, type WriteSet } from "../kv/index.js";

/** A transaction executed on a replica, for the primary to order. */
export interface PreparedTransaction {
  /** The seqno of the state it was executed on. */
  readonly readVersion: number;
  readonly reads: readonly ReadDependency[];
  readonly writes: WriteSet;
  readonly effects: readonly channel.Effect[];
}

/** The message of a prepared transaction. */
export function encodePrepared(
  groupId: number,
  prepared: PreparedTransaction,
): channel.SubmitTransactionRequest {
  const writes: channel.Write[] = [];
  for (const [map, keys] of prepared.writes) {
    for (const [key, value] of keys) {
      writes.push({ map, key: keyToBytes(key), value: value ?? undefined });
    }
  }
  return {
    groupId,
    readVersion: BigInt(prepared.readVersion),
    reads: prepared.reads.map(encodeRead),
    writes,
    effects: [...prepared.effects],
  };
}

function encodeRead(read: ReadDependency): channel.Read {
  const scope =
    "wholeMap" in read
      ? { $case: "wholeMap" as const, value: true }
      : { $case: "key" as const, value: keyToBytes(read.key) };
  return { map: read.map, scope, version: BigInt(read.version) };
}
