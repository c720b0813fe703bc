// SPDX-License-Identifier: Apache-2.0
import { type KvReader, rows, SINGLETON_KEY, TABLES, type WriteSet } from "@consortium/ledger";
import { OverlayReader } from "../preview/overlay-reader.js";

/** A state in which another constitution has been in force all along. */
export function withConstitution(base: KvReader, constitution: string): KvReader {
  const row = rows.constitution.encode(constitution);
  const writes: WriteSet = new Map([[TABLES.constitution, new Map([[SINGLETON_KEY, row]])]]);
  const inForce = base.get(TABLES.constitution, SINGLETON_KEY);
  return new OverlayReader(base, writes, inForce?.version ?? 0);
}
