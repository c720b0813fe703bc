// SPDX-License-Identifier: Apache-2.0
import { keyFromText, type KvKey, type WriteSet } from "../kv/types.js";
import { ByteWriter } from "./byte-writer.js";
import { domainOf, type Domain } from "./layout.js";

/**
 * The map records of one domain of a write set: maps sorted by name and keys sorted inside a map,
 * both bytewise. Reads are not recorded: read version and read count are zero.
 *
 * @example
 * encodeMaps(new Map([["public:records", new Map([["key", value]])]]), "public");
 */
export function encodeMaps(writeSet: WriteSet, domain: Domain): Uint8Array {
  const writer = new ByteWriter(1024);
  writeMaps(writer, writeSet, domain);
  return Uint8Array.from(writer.view());
}

/** {@link encodeMaps} into a writer that others use too. */
export function writeMaps(writer: ByteWriter, writeSet: WriteSet, domain: Domain): void {
  if (writeSet.size === 1) {
    for (const [name, keys] of writeSet) {
      if (domainOf(name) === domain) writeMap(writer, mapNameBytes(name), keys);
    }
    return;
  }
  const names: [encoded: string, name: string][] = [];
  for (const name of writeSet.keys()) {
    if (domainOf(name) === domain) names.push([mapNameBytes(name), name]);
  }
  names.sort((a, b) => compareBinary(a[0], b[0]));
  for (const [encoded, name] of names) {
    const keys = writeSet.get(name);
    if (keys !== undefined) writeMap(writer, encoded, keys);
  }
}

function writeMap(
  writer: ByteWriter,
  name: string,
  keys: ReadonlyMap<KvKey, Uint8Array | null>,
): void {
  // A map that nothing happened to has no record.
  if (keys.size === 0) return;
  writer.u64(name.length);
  writer.latin1(name);
  // Read version and read count.
  writer.zeros(16);
  if (keys.size === 1) {
    for (const [key, value] of keys) writeSingle(writer, key, value);
    return;
  }
  const writes: KvKey[] = [];
  const removals: KvKey[] = [];
  for (const [key, value] of keys) (value === null ? removals : writes).push(key);
  writes.sort(compareBinary);
  removals.sort(compareBinary);
  writer.u64(writes.length);
  for (const key of writes) writePair(writer, key, keys.get(key) as Uint8Array);
  writer.u64(removals.length);
  for (const key of removals) writeKey(writer, key);
}

function writeSingle(writer: ByteWriter, key: KvKey, value: Uint8Array | null): void {
  if (value === null) {
    writer.u64(0);
    writer.u64(1);
    writeKey(writer, key);
    return;
  }
  writer.u64(1);
  writePair(writer, key, value);
  writer.u64(0);
}

function writePair(writer: ByteWriter, key: KvKey, value: Uint8Array): void {
  writeKey(writer, key);
  writer.u64(value.length);
  writer.bytes(value);
}

function writeKey(writer: ByteWriter, key: KvKey): void {
  writer.u64(key.length);
  writer.latin1(key);
}

/** Orders binary strings by their bytes. */
export function compareBinary(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const NAMES_KEPT_MAX = 4096;
const encodedNames = new Map<string, string>();

/** The UTF-8 bytes of a map name as a binary string; the same few names come again and again. */
function mapNameBytes(name: string): string {
  const known = encodedNames.get(name);
  if (known !== undefined) return known;
  if (encodedNames.size >= NAMES_KEPT_MAX) encodedNames.clear();
  const encoded = keyFromText(name);
  encodedNames.set(name, encoded);
  return encoded;
}
