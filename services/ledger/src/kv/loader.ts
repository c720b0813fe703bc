// SPDX-License-Identifier: Apache-2.0
import { type CommittedMap, CommittedReader, KvState, newTree } from "./state.js";
import type { KvKey, KvReader } from "./types.js";

/** Fills a state from elsewhere than transactions, map by map. */
export class KvLoader {
  /** What was loaded so far. */
  readonly reader: KvReader;
  readonly #maps = new Map<string, CommittedMap>();
  #current: CommittedMap | undefined;

  constructor() {
    this.reader = new CommittedReader(this.#maps);
  }

  /** The following keys are of this map. A name comes once. */
  startMap(name: string, version: number): void {
    if (this.#maps.has(name)) throw new RangeError(`map ${name} was loaded already`);
    this.#current = { tree: newTree(), version };
    this.#maps.set(name, this.#current);
  }

  /** False if the map has the key already. The value is copied. */
  set(key: KvKey, value: Uint8Array, version: number): boolean {
    if (this.#current === undefined) throw new RangeError("a key before the first map");
    return this.#current.tree.set(key, { value: Buffer.from(value), version });
  }

  /** The state, committed up to `seqno`. The loader is spent. */
  finish(seqno: number): KvState {
    this.#current = undefined;
    return KvState.of(seqno, this.#maps);
  }
}
