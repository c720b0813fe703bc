// SPDX-License-Identifier: Apache-2.0
import BTreeModule from "sorted-btree";
import type { KeyRange, KvKey, KvReader, VersionedValue, WriteSet } from "./types.js";

// The package is CommonJS with a default export.
const BTree = BTreeModule.default;
type Tree = InstanceType<typeof BTree<KvKey, VersionedValue>>;

interface PendingValue {
  /** `null`: the key was removed. */
  readonly value: Uint8Array | null;
  readonly version: number;
}

export interface CommittedMap {
  readonly tree: Tree;
  version: number;
}

interface PendingMap {
  readonly values: Map<KvKey, PendingValue>;
  version: number;
}

const compareKeys = (a: KvKey, b: KvKey): number => (a < b ? -1 : a > b ? 1 : 0);

export function newTree(): Tree {
  return new BTree<KvKey, VersionedValue>(undefined, compareKeys);
}

/**
 * The maps of one group: what is committed, and on top of it what was executed and waits for its
 * signature. Rolling back forgets the upper layer; nothing below was touched.
 */
export class KvState {
  readonly committed: KvReader;
  readonly latest: KvReader;
  readonly #base = new Map<string, CommittedMap>();
  readonly #pending = new Map<string, PendingMap>();
  readonly #log: { seqno: number; writes: WriteSet }[] = [];
  #logStart = 0;
  #latestSeqno = 0;
  #committedSeqno = 0;

  constructor() {
    this.committed = new CommittedReader(this.#base);
    this.latest = new LatestReader(this.#base, this.#pending, this.committed);
  }

  /** A state that was loaded, committed up to `seqno`. */
  static of(seqno: number, maps: ReadonlyMap<string, CommittedMap>): KvState {
    const state = new KvState();
    for (const [name, map] of maps) state.#base.set(name, map);
    state.#latestSeqno = seqno;
    state.#committedSeqno = seqno;
    return state;
  }

  /**
   * What is committed now, unchanged by all that is committed later. Costs next to nothing: both
   * share what neither changes.
   */
  freeze(): KvReader {
    const frozen = new Map<string, CommittedMap>();
    for (const [name, { tree, version }] of this.#base) {
      frozen.set(name, { tree: tree.clone(), version });
    }
    return new CommittedReader(frozen);
  }

  /** The seqno of the last transaction that was applied. */
  get latestSeqno(): number {
    return this.#latestSeqno;
  }

  /** The seqno up to which {@link committed} reads. */
  get committedSeqno(): number {
    return this.#committedSeqno;
  }

  /** Puts the writes of an executed transaction on top. Seqnos only grow. */
  apply(seqno: number, writes: WriteSet): void {
    if (seqno <= this.#latestSeqno) {
      throw new RangeError(`seqno ${seqno} was applied already, the last is ${this.#latestSeqno}`);
    }
    for (const [name, keys] of writes) {
      let map = this.#pending.get(name);
      if (map === undefined) this.#pending.set(name, (map = { values: new Map(), version: 0 }));
      for (const [key, value] of keys) map.values.set(key, { value, version: seqno });
      map.version = seqno;
    }
    this.#log.push({ seqno, writes });
    this.#latestSeqno = seqno;
  }

  /**
   * Makes every applied transaction up to `seqno` final. A signature transaction is written when
   * later ones are executed already: its writes come here, as those of `seqno` itself.
   */
  commit(seqno: number, signatureWrites?: WriteSet): void {
    while (this.#logStart < this.#log.length) {
      const next = this.#log[this.#logStart];
      if (next === undefined || next.seqno > seqno) break;
      this.#settle(next.seqno, next.writes);
      this.#logStart += 1;
    }
    if (this.#logStart === this.#log.length) {
      this.#log.length = 0;
      this.#logStart = 0;
      this.#pending.clear();
    } else if (this.#logStart > 65_536) {
      this.#log.splice(0, this.#logStart);
      this.#logStart = 0;
    }
    if (signatureWrites !== undefined) this.#settle(seqno, signatureWrites);
    this.#committedSeqno = Math.max(this.#committedSeqno, seqno);
    this.#latestSeqno = Math.max(this.#latestSeqno, seqno);
  }

  /**
   * Adds a transaction that was committed elsewhere, while nothing of its own is pending here. The
   * values become the state's.
   */
  applyCommitted(seqno: number, writes: WriteSet): void {
    if (seqno <= this.#latestSeqno || this.#log.length > 0) {
      throw new RangeError(`seqno ${seqno} does not follow what is committed`);
    }
    for (const [name, keys] of writes) {
      const map = this.#map(name);
      for (const [key, value] of keys) {
        if (value === null) map.tree.delete(key);
        else map.tree.set(key, { value, version: seqno });
      }
      map.version = seqno;
    }
    this.#committedSeqno = seqno;
    this.#latestSeqno = seqno;
  }

  /** Forgets every transaction that is not committed. */
  rollback(): void {
    this.#pending.clear();
    this.#log.length = 0;
    this.#logStart = 0;
    this.#latestSeqno = this.#committedSeqno;
  }

  #map(name: string): CommittedMap {
    let map = this.#base.get(name);
    if (map === undefined) {
      map = { tree: newTree(), version: 0 };
      this.#base.set(name, map);
    }
    return map;
  }

  #settle(seqno: number, writes: WriteSet): void {
    for (const [name, keys] of writes) {
      const map = this.#map(name);
      const pending = this.#pending.get(name)?.values;
      for (const [key, value] of keys) {
        if (value === null) map.tree.delete(key);
        // A copy: the value is often a view into a whole message or chunk, which it would keep alive.
        else map.tree.set(key, { value: Buffer.from(value), version: seqno });
        if (pending?.get(key)?.version === seqno) pending.delete(key);
      }
      map.version = seqno;
    }
  }
}

export class CommittedReader implements KvReader {
  readonly #maps: ReadonlyMap<string, CommittedMap>;

  constructor(maps: ReadonlyMap<string, CommittedMap>) {
    this.#maps = maps;
  }

  get(map: string, key: KvKey): VersionedValue | undefined {
    return this.#maps.get(map)?.tree.get(key);
  }

  *entries(map: string, range: KeyRange = {}): Iterable<readonly [KvKey, VersionedValue]> {
    const tree = this.#maps.get(map)?.tree;
    if (tree === undefined) return;
    for (const entry of tree.entries(range.start)) {
      if (range.end !== undefined && entry[0] >= range.end) return;
      // The tree reuses the pair it yields.
      yield [entry[0], entry[1]];
    }
  }

  mapVersion(map: string): number {
    return this.#maps.get(map)?.version ?? 0;
  }

  size(map: string): number {
    return this.#maps.get(map)?.tree.size ?? 0;
  }

  mapNames(): string[] {
    return [...this.#maps.keys()].sort();
  }
}

class LatestReader implements KvReader {
  readonly #base: ReadonlyMap<string, CommittedMap>;
  readonly #pending: ReadonlyMap<string, PendingMap>;
  readonly #committed: KvReader;

  constructor(
    base: ReadonlyMap<string, CommittedMap>,
    pending: ReadonlyMap<string, PendingMap>,
    committed: KvReader,
  ) {
    this.#base = base;
    this.#pending = pending;
    this.#committed = committed;
  }

  get(map: string, key: KvKey): VersionedValue | undefined {
    const pending = this.#pending.get(map)?.values.get(key);
    if (pending === undefined) return this.#base.get(map)?.tree.get(key);
    return pending.value === null ? undefined : { value: pending.value, version: pending.version };
  }

  *entries(map: string, range: KeyRange = {}): Iterable<readonly [KvKey, VersionedValue]> {
    const pending = this.#pending.get(map)?.values;
    if (pending === undefined || pending.size === 0) {
      yield* this.#committed.entries(map, range);
      return;
    }
    const above = [...pending.keys()].filter((key) => inRange(key, range)).sort(compareKeys);
    let next = 0;
    const yieldAbove = function* (before?: KvKey): Iterable<readonly [KvKey, VersionedValue]> {
      for (; next < above.length; next += 1) {
        const key = above[next] as KvKey;
        if (before !== undefined && key >= before) return;
        const entry = pending.get(key);
        if (entry?.value != null) yield [key, { value: entry.value, version: entry.version }];
      }
    };
    for (const entry of this.#committed.entries(map, range)) {
      yield* yieldAbove(entry[0]);
      if (!pending.has(entry[0])) yield entry;
    }
    yield* yieldAbove();
  }

  mapVersion(map: string): number {
    return Math.max(this.#committed.mapVersion(map), this.#pending.get(map)?.version ?? 0);
  }

  size(map: string): number {
    let size = this.#committed.size(map);
    for (const [key, entry] of this.#pending.get(map)?.values ?? []) {
      const before = this.#committed.get(map, key) !== undefined;
      if (entry.value !== null && !before) size += 1;
      if (entry.value === null && before) size -= 1;
    }
    return size;
  }

  mapNames(): string[] {
    return [...new Set([...this.#base.keys(), ...this.#pending.keys()])].sort();
  }
}

function inRange(key: KvKey, range: KeyRange): boolean {
  return (
    (range.start === undefined || key >= range.start) &&
    (range.end === undefined || key < range.end)
  );
}
