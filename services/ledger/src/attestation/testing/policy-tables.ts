// SPDX-License-Identifier: Apache-2.0
import { keyFromText, type KvReader, KvState, type WriteSet } from "../../kv/index.js";

/** Rows of the join policy by table and key; values that are not bytes are written as JSON. */
export type PolicyTables = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A state that holds these rows. */
export function policyState(tables: PolicyTables): KvReader {
  const writes: WriteSet = new Map(
    Object.entries(tables).map(([table, rows]) => [
      table,
      new Map(
        Object.entries(rows).map(([key, value]) => [
          keyFromText(key),
          value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)),
        ]),
      ),
    ]),
  );
  const state = new KvState();
  state.apply(1, writes);
  return state.latest;
}
