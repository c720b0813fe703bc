// SPDX-License-Identifier: Apache-2.0
import type { KeyRange, KvKey, KvReader, VersionedValue, WriteSet } from "@consortium/ledger";

/** A state with the writes of one more transaction on top, which is not on any ledger. */
export class OverlayReader implements KvReader {
  readonly #base: KvReader;
  readonly #writes: WriteSet;
  readonly #version: number;

  constructor(base: KvReader, writes: WriteSet, version: number) {
    this.#base = base;
    this.#writes = writes;
    this.#version = version;
  }

  get(map: string, key: KvKey): VersionedValue | undefined {
    const written = this.#writes.get(map)?.get(key);
    if (written === undefined) return this.#base.get(map, key);
    return written === null ? undefined : { value: written, version: this.#version };
  }

  *entries(map: string, range: KeyRange = {}): Iterable<readonly [KvKey, VersionedValue]> {
    const merged = new Map<KvKey, VersionedValue>(this.#base.entries(map, range));
    for (const [key, value] of this.#writes.get(map) ?? []) {
      if (range.start !== undefined && key < range.start) continue;
      if (range.end !== undefined && key >= range.end) continue;
      if (value === null) merged.delete(key);
      else merged.set(key, { value, version: this.#version });
    }
    yield* [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  mapVersion(map: string): number {
    return this.#writes.has(map) ? this.#version : this.#base.mapVersion(map);
  }

  size(map: string): number {
    return [...this.entries(map)].length;
  }

  mapNames(): string[] {
    return [...new Set([...this.#base.mapNames(), ...this.#writes.keys()])].sort();
  }
}
