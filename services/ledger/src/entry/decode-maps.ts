// SPDX-License-Identifier: Apache-2.0
import type { KvKey, WriteSet } from "../kv/types.js";
import { entryErrors } from "./errors.js";
import { domainOf, type Domain } from "./layout.js";

/**
 * Reads the map records of one domain. Every length is checked against the bytes there are; names
 * and keys must rise, so that the same map or key cannot come twice. Values are copies, because they
 * are kept longer than the chunk they came in.
 *
 * @example
 * const writes = decodeMaps(bytes, "public");
 */
export function decodeMaps(bytes: Uint8Array, domain: Domain): WriteSet {
  return new MapReader(bytes, 0, bytes.length).read(domain);
}

/** {@link decodeMaps} of a part of a larger buffer. */
export function decodeMapsAt(
  bytes: Uint8Array,
  start: number,
  end: number,
  domain: Domain,
): WriteSet {
  return new MapReader(bytes, start, end).read(domain);
}

class MapReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  read(domain: Domain): WriteSet {
    const writes: WriteSet = new Map();
    let previous: string | undefined;
    while (this.#at < this.#end) {
      const encoded = this.#text(this.#count("map name length"));
      if (previous !== undefined && encoded <= previous) {
        throw malformed(`map ${encoded} does not follow ${previous} in order`);
      }
      previous = encoded;
      const name = decodeName(encoded);
      if (domainOf(name) !== domain) throw malformed(`map ${name} is in the ${domain} domain`);
      writes.set(name, this.#map(name));
    }
    return writes;
  }

  #map(name: string): Map<KvKey, Uint8Array | null> {
    // The read version: never used, and not zero in very old ledgers.
    this.#skip(8, "read version");
    const readCount = this.#count("read count");
    if (readCount !== 0) throw malformed(`map ${name} has ${readCount} reads, ledgers have none`);
    const keys = new Map<KvKey, Uint8Array | null>();
    let previous: KvKey | undefined;
    for (let left = this.#items(16, "write count"); left > 0; left -= 1) {
      const key = this.#text(this.#count("key length"));
      if (previous !== undefined && key <= previous)
        throw malformed(`keys of map ${name} do not rise`);
      previous = key;
      keys.set(key, this.#value(this.#count("value length")));
    }
    previous = undefined;
    for (let left = this.#items(8, "removal count"); left > 0; left -= 1) {
      const key = this.#text(this.#count("key length"));
      if (previous !== undefined && key <= previous) {
        throw malformed(`removed keys of map ${name} do not rise`);
      }
      if (keys.has(key)) throw malformed(`map ${name} writes and removes the same key`);
      previous = key;
      keys.set(key, null);
    }
    return keys;
  }

  /** A number of items of at least so many bytes: refused before anything is done for them. */
  #items(bytesEach: number, what: string): number {
    const count = this.#count(what);
    if (count * bytesEach > this.#end - this.#at) {
      throw malformed(`${what} ${count} exceeds what is left`);
    }
    return count;
  }

  /** A 64-bit count, which must fit into what is left: no larger one can be right. */
  #count(what: string): number {
    const at = this.#at;
    if (at + 8 > this.#end) throw malformed(`${what} is cut off`);
    const bytes = this.#bytes;
    const low = bytes.readUInt32LE(at);
    if (low > this.#end - at || bytes.readUInt32LE(at + 4) !== 0) {
      throw malformed(`${what} exceeds what is left`);
    }
    this.#at = at + 8;
    return low;
  }

  #skip(count: number, what: string): void {
    if (this.#at + count > this.#end) throw malformed(`${what} is cut off`);
    this.#at += count;
  }

  #text(length: number): string {
    const start = this.#at;
    this.#skip(length, "a key or name");
    return this.#bytes.toString("latin1", start, start + length);
  }

  #value(length: number): Uint8Array {
    const start = this.#at;
    this.#skip(length, "a value");
    // Small ones from the pool of buffers: an array with memory of its own costs as much again. Not
    // the others, for what shares their memory would keep them when they are long overwritten.
    const value =
      length <= POOLED_BYTES_MAX ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
    this.#bytes.copy(value, 0, start, start + length);
    return value;
  }
}

const POOLED_BYTES_MAX = 512;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeName(encoded: string): string {
  if (encoded.length === 0) throw malformed("a map has no name");
  if (!/[\x80-\xff]/.test(encoded)) return encoded;
  try {
    return utf8.decode(Buffer.from(encoded, "latin1"));
  } catch (cause) {
    throw entryErrors("MAPS_MALFORMED", "a map name is not UTF-8", { cause });
  }
}

function malformed(message: string): Error {
  return entryErrors("MAPS_MALFORMED", message);
}
