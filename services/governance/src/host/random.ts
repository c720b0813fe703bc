// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";

/**
 * Randomness that comes out the same when the decision is made again: SHA-256 of a seed taken from
 * the signed request and a counter. Whoever signs the request can know it beforehand.
 */
export class DeterministicRandom {
  readonly #seed: Uint8Array;
  #counter = 0;

  constructor(seed: Uint8Array) {
    this.#seed = seed;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      out.set(this.#block().subarray(0, Math.min(32, length - offset)), offset);
    }
    return out;
  }

  /** In [0, 1), with 53 bits. */
  number(): number {
    const block = this.#block();
    return (block.readUIntBE(0, 6) * 32 + (block.readUInt8(6) >> 3)) / 2 ** 53;
  }

  #block(): Buffer {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64LE(BigInt(this.#counter));
    this.#counter += 1;
    return createHash("sha256").update(this.#seed).update(counter).digest();
  }
}
