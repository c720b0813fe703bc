// SPDX-License-Identifier: Apache-2.0
import type {
  KeyRange,
  KvKey,
  KvReader,
  ReadDependency,
  VersionedValue,
  WriteSet,
} from "./types.js";

/**
 * Executes on a state that others may change meanwhile: remembers what it read and what it would
 * write. It is valid as long as {@link findConflict} finds nothing in the state it is ordered on.
 */
export class Transaction {
  readonly writes: WriteSet = new Map();
  readonly #base: KvReader;
  readonly #keyReads = new Map<string, Map<KvKey, number>>();
  readonly #mapReads = new Map<string, number>();

  constructor(base: KvReader) {
    this.#base = base;
  }

  get(map: string, key: KvKey): Uint8Array | undefined {
    const written = this.writes.get(map)?.get(key);
    if (written !== undefined) return written ?? undefined;
    return this.#read(map, key)?.value;
  }

  has(map: string, key: KvKey): boolean {
    return this.get(map, key) !== undefined;
  }

  /** The seqno that wrote the value this transaction started from; own writes do not count. */
  versionOfPreviousWrite(map: string, key: KvKey): number | undefined {
    return this.#read(map, key)?.version;
  }

  put(map: string, key: KvKey, value: Uint8Array): void {
    this.#keysOf(map).set(key, value);
  }

  /** Removing what is not there is recorded as well, as CCF does. */
  remove(map: string, key: KvKey): void {
    this.#keysOf(map).set(key, null);
  }

  clear(map: string): void {
    for (const [key] of this.entries(map)) this.remove(map, key);
  }

  size(map: string): number {
    let size = 0;
    for (const _ of this.entries(map)) size += 1;
    return size;
  }

  /** Reads the whole map, so that any change to it is a conflict. */
  *entries(map: string, range: KeyRange = {}): Iterable<readonly [KvKey, Uint8Array]> {
    if (!this.#mapReads.has(map)) this.#mapReads.set(map, this.#base.mapVersion(map));
    const written = this.writes.get(map);
    const merged = new Map<KvKey, Uint8Array>();
    for (const [key, { value }] of this.#base.entries(map, range)) merged.set(key, value);
    for (const [key, value] of written ?? []) {
      if (range.start !== undefined && key < range.start) continue;
      if (range.end !== undefined && key >= range.end) continue;
      if (value === null) merged.delete(key);
      else merged.set(key, value);
    }
    yield* [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  get reads(): ReadDependency[] {
    const reads: ReadDependency[] = [];
    for (const [map, version] of this.#mapReads) reads.push({ map, wholeMap: true, version });
    for (const [map, keys] of this.#keyReads) {
      for (const [key, version] of keys) reads.push({ map, key, version });
    }
    return reads;
  }

  #read(map: string, key: KvKey): VersionedValue | undefined {
    const found = this.#base.get(map, key);
    let keys = this.#keyReads.get(map);
    if (keys === undefined) this.#keyReads.set(map, (keys = new Map()));
    if (!keys.has(key)) keys.set(key, found?.version ?? 0);
    return found;
  }

  #keysOf(map: string): Map<KvKey, Uint8Array | null> {
    let keys = this.writes.get(map);
    if (keys === undefined) this.writes.set(map, (keys = new Map()));
    return keys;
  }
}

/** The first of the reads that no longer holds in `state`, if any. */
export function findConflict(
  reads: Iterable<ReadDependency>,
  state: KvReader,
): ReadDependency | undefined {
  for (const read of reads) {
    const version =
      "wholeMap" in read
        ? state.mapVersion(read.map)
        : (state.get(read.map, read.key)?.version ?? 0);
    if (version !== read.version) return read;
  }
  return undefined;
}
