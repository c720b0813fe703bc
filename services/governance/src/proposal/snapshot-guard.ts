// SPDX-License-Identifier: Apache-2.0
import {
  type KeyRange,
  type KvKey,
  type KvReader,
  TABLES,
  type VersionedValue,
} from "@consortium/ledger";
import type { LedgerSnapshot } from "../ports.js";

/** The replica has moved past the snapshot that is being read: start again on a newer one. */
export class StaleSnapshot extends Error {
  constructor(map: string) {
    super(`${map} has changed since the snapshot`);
  }
}

/** What every commit rewrites, whatever was decided. */
export const SIGNATURE_TABLES: ReadonlySet<string> = new Set([
  TABLES.signatures,
  TABLES.coseSignatures,
  TABLES.tree,
]);

/**
 * A replica goes on applying transactions while the constitution runs. This reader lets through
 * only what is as it was at the snapshot, so that everything read belongs to one state.
 *
 * The tables that hold the last signature are let through as they are: any signed root is true for
 * ever, and it is all the same which one a new member is asked to acknowledge.
 */
export class SnapshotGuard implements KvReader {
  readonly #kv: KvReader;
  readonly #seqno: number;

  constructor({ kv, seqno }: Pick<LedgerSnapshot, "kv" | "seqno">) {
    this.#kv = kv;
    this.#seqno = seqno;
  }

  get(map: string, key: KvKey): VersionedValue | undefined {
    const found = this.#kv.get(map, key);
    // A key that is there and old was not touched; for one that is missing only the map can tell.
    if (found === undefined || found.version > this.#seqno) this.#requireOld(map);
    return found;
  }

  entries(map: string, range?: KeyRange): Iterable<readonly [KvKey, VersionedValue]> {
    this.#requireOld(map);
    return this.#kv.entries(map, range);
  }

  mapVersion(map: string): number {
    this.#requireOld(map);
    return this.#kv.mapVersion(map);
  }

  size(map: string): number {
    this.#requireOld(map);
    return this.#kv.size(map);
  }

  mapNames(): string[] {
    return this.#kv.mapNames();
  }

  #requireOld(map: string): void {
    if (SIGNATURE_TABLES.has(map)) return;
    if (this.#kv.mapVersion(map) > this.#seqno) throw new StaleSnapshot(map);
  }
}
