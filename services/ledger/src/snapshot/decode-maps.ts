// SPDX-License-Identifier: Apache-2.0
import { compareBinary } from "../entry/encode-maps.js";
import { domainOf, type Domain } from "../entry/layout.js";
import type { KvKey } from "../kv/types.js";
import { malformed, padded, PADDING_BYTES, readU64, VERSION_BYTES } from "./layout.js";

/** Where decoded maps go. */
export interface MapSink {
  startMap(name: string, version: number): void;
  /** False if the key is there already. The value is a view and is copied by the sink. */
  set(key: KvKey, value: Uint8Array, version: number): boolean;
}

/** Length of a map's name, its version and the length of its blob. */
const MAP_HEAD_BYTES = 8 + 8 + 8;

/**
 * Reads the maps of one domain piece by piece: {@link push} takes whole records from the start of a
 * window and says how far it came. Every length is checked against what is left of map and domain
 * before anything is done for it.
 */
export class MapsDecoder {
  readonly #domain: Domain;
  readonly #seqno: number;
  readonly #sink: MapSink;
  /** Bytes of the domain that were not consumed yet. */
  #left: number;
  /** Bytes of the current map's blob that were not consumed yet. */
  #blobLeft = 0;
  #mapName = "";
  #previous: string | undefined;

  constructor(domain: Domain, length: number, seqno: number, sink: MapSink) {
    this.#domain = domain;
    this.#left = length;
    this.#seqno = seqno;
    this.#sink = sink;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  /** Consumes what is whole; 0 if the window must be larger. It never is larger than what is left. */
  push(window: Buffer): number {
    let at = 0;
    while (this.#left > 0) {
      const taken =
        this.#blobLeft === 0 ? this.#readMapHead(window, at) : this.#readRecord(window, at);
      if (taken === 0) break;
      at += taken;
      this.#left -= taken;
    }
    return at;
  }

  #readMapHead(window: Buffer, at: number): number {
    if (this.#left < MAP_HEAD_BYTES) throw malformed("the head of a map is cut off");
    if (window.length - at < 8) return 0;
    const nameLength = readU64(window, at, "the length of a map name");
    const taken = MAP_HEAD_BYTES + nameLength;
    if (taken > this.#left) throw malformed("a map name exceeds what is left");
    if (window.length - at < taken) return 0;
    const encoded = window.toString("latin1", at + 8, at + 8 + nameLength);
    const versionAt = at + 8 + nameLength;
    const version = readU64(window, versionAt, "the version of a map");
    const blobLength = readU64(window, versionAt + 8, "the length of a map");
    if (blobLength > this.#left - taken) throw malformed("a map exceeds what is left");
    if (blobLength % PADDING_BYTES !== 0) throw malformed(`a map has ${blobLength} bytes`);
    if (version > this.#seqno) throw malformed(`a map has version ${version}`);
    const name = decodeName(encoded);
    if (domainOf(name) !== this.#domain) throw malformed(`map ${name} is not ${this.#domain}`);
    if (this.#previous !== undefined && compareBinary(encoded, this.#previous) <= 0) {
      throw malformed(`map ${name} is out of order`);
    }
    this.#previous = encoded;
    this.#mapName = name;
    this.#blobLeft = blobLength;
    this.#sink.startMap(name, version);
    return taken;
  }

  #readRecord(window: Buffer, at: number): number {
    const there = window.length - at;
    if (there < 8) return 0;
    const keyLength = readU64(window, at, "the length of a key");
    const valueAt = 8 + padded(keyLength);
    if (valueAt + 8 + VERSION_BYTES > this.#blobLeft) throw this.#exceeds("a key");
    if (there < valueAt + 8) return 0;
    const valueLength = readU64(window, at + valueAt, "the length of a value");
    const taken = valueAt + 8 + padded(valueLength);
    if (valueLength < VERSION_BYTES) throw malformed("a value has no version");
    if (taken > this.#blobLeft) throw this.#exceeds("a value");
    if (there < taken) return 0;
    const keyEnd = at + 8 + keyLength;
    const valueStart = at + valueAt + 8;
    const valueEnd = valueStart + valueLength;
    requireZeros(window, keyEnd, at + valueAt);
    requireZeros(window, valueEnd, at + taken);
    this.#blobLeft -= taken;
    // NOTE: CCF before version 3 left removed keys in, with their version negative.
    if ((window[valueStart + 7] as number) >= 0x80) return taken;
    const version = readU64(window, valueStart, "the version of a value");
    if (version === 0 || version > this.#seqno) {
      throw malformed(`a value of map ${this.#mapName} has version ${version}`);
    }
    const key = window.toString("latin1", at + 8, keyEnd);
    const value = window.subarray(valueStart + VERSION_BYTES, valueEnd);
    if (!this.#sink.set(key, value, version)) {
      throw malformed(`map ${this.#mapName} has a key twice`);
    }
    return taken;
  }

  #exceeds(what: string): Error {
    return malformed(`${what} of map ${this.#mapName} exceeds what is left of it`);
  }
}

function requireZeros(window: Buffer, from: number, to: number): void {
  for (let at = from; at < to; at += 1) {
    if (window[at] !== 0) throw malformed("the padding is not zero");
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeName(encoded: string): string {
  if (encoded.length === 0) throw malformed("a map has no name");
  try {
    return utf8.decode(Buffer.from(encoded, "latin1"));
  } catch {
    throw malformed("a map name is not UTF-8");
  }
}
