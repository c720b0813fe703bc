// SPDX-License-Identifier: Apache-2.0

/**
 * A key as a binary string: each character is one byte (0–255). Comparing two of them compares
 * their bytes, and a `Map` finds them without a Buffer being made.
 */
export type KvKey = string;

/** A value and the seqno of the transaction that wrote it. */
export interface VersionedValue {
  readonly value: Uint8Array;
  readonly version: number;
}

/** The writes of one transaction by map and key; `null` removes the key. */
export type WriteSet = Map<string, Map<KvKey, Uint8Array | null>>;

/** Keys from `start` (inclusive) to `end` (exclusive), bytewise. */
export interface KeyRange {
  readonly start?: KvKey;
  readonly end?: KvKey;
}

/** One consistent state of the maps of a group. An empty map and a missing one are the same. */
export interface KvReader {
  get(map: string, key: KvKey): VersionedValue | undefined;
  /** In bytewise order of keys. */
  entries(map: string, range?: KeyRange): Iterable<readonly [KvKey, VersionedValue]>;
  /** The seqno of the last transaction that changed the map in any way; 0 if none did. */
  mapVersion(map: string): number;
  size(map: string): number;
  /** Names of the maps that were ever written, sorted. */
  mapNames(): string[];
}

/** Something a transaction read; `version` is what it found there, 0 for nothing. */
export type ReadDependency =
  | { readonly map: string; readonly key: KvKey; readonly version: number }
  | { readonly map: string; readonly wholeMap: true; readonly version: number };

/** The key of tables that hold one row: eight zero bytes. */
export const SINGLETON_KEY: KvKey = "\0".repeat(8);

export function keyFromBytes(bytes: Uint8Array): KvKey {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function keyToBytes(key: KvKey): Uint8Array {
  return Buffer.from(key, "latin1");
}

/** The key whose bytes are the text in UTF-8. */
export function keyFromText(text: string): KvKey {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function keyToText(key: KvKey): string {
  return Buffer.from(key, "latin1").toString("utf8");
}
