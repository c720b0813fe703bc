// SPDX-License-Identifier: Apache-2.0
import { writeU64 } from "./layout.js";

/** Eight bytes to be filled in later. */
export interface Place {
  readonly part: number;
  readonly at: number;
}

/**
 * Writes into parts of a fixed size, so that no large buffer is ever copied or asked for. A number
 * lies within one part; keys and values may go across.
 */
export class PartWriter {
  readonly parts: Buffer[] = [];
  readonly #partBytes: number;
  #part: Buffer;
  #at = 0;
  #closedBytes = 0;

  constructor(partBytes: number) {
    this.#partBytes = partBytes;
    this.#part = Buffer.allocUnsafeSlow(partBytes);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#closedBytes + this.#at;
  }

  /** Ends the part, so that the next byte begins another. */
  close(): void {
    if (this.#at === 0) return;
    // What is left over is given back: of the last part it may be most.
    const isFull = this.#at > this.#partBytes - 16;
    const part = this.#part.subarray(0, this.#at);
    this.parts.push(isFull ? part : Buffer.from(part));
    this.#closedBytes += this.#at;
    this.#at = 0;
    if (isFull) this.#part = Buffer.allocUnsafeSlow(this.#partBytes);
  }

  /** Leaves room for a number. */
  place(): Place {
    this.#reserve(8);
    const place = { part: this.parts.length, at: this.#at };
    this.#at += 8;
    return place;
  }

  fill({ part, at }: Place, value: number): void {
    writeU64(this.parts[part] ?? this.#part, at, value);
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#part[this.#at] = value;
    this.#at += 1;
  }

  u64(value: number): void {
    this.#reserve(8);
    writeU64(this.#part, this.#at, value);
    this.#at += 8;
  }

  bytes(value: Uint8Array): void {
    let from = 0;
    while (from < value.length) {
      const count = Math.min(value.length - from, this.#room());
      this.#part.set(value.subarray(from, from + count), this.#at);
      this.#at += count;
      from += count;
    }
  }

  /** A binary string: one byte per character. */
  latin1(value: string): void {
    if (value.length > this.#partBytes - this.#at) this.bytes(Buffer.from(value, "latin1"));
    else this.#at += this.#part.write(value, this.#at, "latin1");
  }

  zeros(count: number): void {
    for (let left = count; left > 0; left -= 1) this.u8(0);
  }

  #reserve(count: number): void {
    if (this.#at + count > this.#partBytes) this.close();
  }

  #room(): number {
    this.#reserve(1);
    return this.#partBytes - this.#at;
  }
}
