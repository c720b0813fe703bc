// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";

/** Strict reader of little-endian fields. Everything it reads comes from a stranger. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u64(field: string): number {
    const low = this.#view.getUint32(this.#advance(8, field), true);
    const high = this.#view.getUint32(this.#offset - 4, true);
    if (high >= 0x20_0000) throw malformed(`${field} is out of range`);
    return high * 0x1_0000_0000 + low;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#advance(1, field));
  }

  /** A view, not a copy. */
  bytes(length: number, field: string): Uint8Array {
    const start = this.#advance(length, field);
    return this.#bytes.subarray(start, start + length);
  }

  /** `length u64 ‖ bytes`. */
  buffer(field: string, lengthMax: number): Uint8Array {
    const length = this.u64(`${field} length`);
    if (length > lengthMax)
      throw malformed(`${field} has ${length} bytes, at most ${lengthMax} fit`);
    return this.bytes(length, field);
  }

  rest(): Uint8Array {
    return this.bytes(this.remaining, "rest");
  }

  end(): void {
    if (this.remaining > 0) throw malformed(`${this.remaining} bytes follow the end`);
  }

  #advance(length: number, field: string): number {
    if (length > this.remaining) throw malformed(`${field} is cut short`);
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}

export function malformed(reason: string): Error {
  return channelErrors("CHANNEL_FRAME_MALFORMED", `a frame cannot be read: ${reason}`);
}

export function frameTooLarge(bytes: number): Error {
  return channelErrors("CHANNEL_FRAME_TOO_LARGE", `a frame of ${bytes} bytes is refused`);
}

export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

export function writeU64(into: Uint8Array, offset: number, value: number): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  view.setUint32(offset, value >>> 0, true);
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
}

/** `length u64 ‖ bytes`. */
export function buffer(bytes: Uint8Array): Uint8Array {
  return concat(u64(bytes.length), bytes);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(bytes: Uint8Array, field: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed(`${field} is not UTF-8`);
  }
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
