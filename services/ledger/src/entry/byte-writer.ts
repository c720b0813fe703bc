// SPDX-License-Identifier: Apache-2.0

/** Above this a native copy is faster than a loop over characters. */
const SHORT_KEY_LENGTH = 24;

/** Writes little-endian fields into one buffer that grows. Made for a hot path: no garbage per field. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far. Valid until the next write or {@link clear}. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Starts again and keeps the memory. */
  clear(): void {
    this.#length = 0;
  }

  /** Forgets what was written from here on. */
  truncate(length: number): void {
    if (length > this.#length) throw new RangeError(`cannot grow to ${length} by truncating`);
    this.#length = length;
  }

  /** Leaves room to be filled by {@link setU32}. */
  skip(count: number): number {
    const at = this.#length;
    this.#reserve(count);
    this.#length += count;
    return at;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  setU32(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value, at);
  }

  /** A count or length as 64 bits. Lengths here are far below 2^32, which the caller guards. */
  u64(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = value & 0xff;
    bytes[at++] = (value >>> 8) & 0xff;
    bytes[at++] = (value >>> 16) & 0xff;
    bytes[at++] = (value >>> 24) & 0xff;
    bytes[at++] = 0;
    bytes[at++] = 0;
    bytes[at++] = 0;
    bytes[at++] = 0;
    this.#length = at;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.#bytes.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  /** A binary string: one byte per character. */
  latin1(value: string): void {
    const { length } = value;
    this.#reserve(length);
    if (length <= SHORT_KEY_LENGTH) {
      const bytes = this.#bytes;
      const start = this.#length;
      for (let index = 0; index < length; index += 1)
        bytes[start + index] = value.charCodeAt(index);
    } else {
      this.#bytes.write(value, this.#length, "latin1");
    }
    this.#length += length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
