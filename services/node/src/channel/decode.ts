// SPDX-License-Identifier: Apache-2.0
import { keyFromBytes, type ReadDependency, type WriteSet } from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import { nodeErrors } from "../errors.js";

/** A transaction that was executed elsewhere, checked for shape. */
export interface PreparedTransaction {
  readonly reads: readonly ReadDependency[];
  readonly writes: WriteSet;
  readonly effects: readonly Effect[];
}

export type Effect = NonNullable<channel.Effect["effect"]>;

/** Reads what a peer submitted; anything that is not complete is refused. */
export function decodePrepared(request: channel.SubmitTransactionRequest): PreparedTransaction {
  return {
    reads: request.reads.map(decodeRead),
    writes: decodeWrites(request.writes),
    effects: request.effects.map(({ effect }, index) => {
      if (effect === undefined) throw invalid(`effects[${index}]`, "has no kind");
      return effect;
    }),
  };
}

function decodeRead({ map, scope, version }: channel.Read, index: number): ReadDependency {
  const at = Number(version);
  if (!Number.isSafeInteger(at)) throw invalid(`reads[${index}].version`, "is out of range");
  if (scope?.$case === "key") return { map, key: keyFromBytes(scope.value), version: at };
  if (scope?.$case === "wholeMap") return { map, wholeMap: true, version: at };
  throw invalid(`reads[${index}]`, "has no scope");
}

function decodeWrites(writes: readonly channel.Write[]): WriteSet {
  const decoded: WriteSet = new Map();
  for (const [index, { map, key, value }] of writes.entries()) {
    if (!map.startsWith("public:")) {
      throw invalid(`writes[${index}].map`, "must be public: the submitter holds no ledger secret");
    }
    let keys = decoded.get(map);
    if (keys === undefined) decoded.set(map, (keys = new Map()));
    keys.set(keyFromBytes(key), value ?? null);
  }
  return decoded;
}

function invalid(field: string, description: string): Error {
  return nodeErrors("INVALID_ARGUMENT", `${field} ${description}`, {
    fieldViolations: [{ field, description }],
  });
}
