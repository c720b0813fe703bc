// SPDX-License-Identifier: Apache-2.0

/** An item of CBOR as it can be written, well or badly. */
export interface CborItem {
  major: number;
  /** Of whole numbers, tags, simple values and floats. */
  value: bigint;
  /** Of strings. */
  bytes?: Uint8Array;
  /** What a byte string holds, or what is in an array, a map (by turns) or a tag. */
  items?: CborItem[];
  /** So many bytes follow the initial one; absent, as few as possible. */
  width?: number;
  /** The length that is claimed; absent, the true one. */
  claimed?: bigint;
  /** Of indefinite length. */
  open?: boolean;
}

const BYTES = 2;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;

/** For tests: takes apart what is well formed, and byte strings that hold a map as well. */
export function readCbor(bytes: Uint8Array): CborItem {
  return new Reader(bytes).item();
}

class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // Slices of a Buffer would be views of it.
    this.#bytes = Uint8Array.from(bytes);
  }

  get ended(): boolean {
    return this.#offset === this.#bytes.length;
  }

  item(): CborItem {
    const initial = this.#take(1)[0] ?? 0;
    const major = initial >> 5;
    const additional = initial & 31;
    const width = additional < 24 ? 0 : 1 << (additional - 24);
    if (additional > 27) throw new RangeError("this is not of definite length");
    let value = width === 0 ? BigInt(additional) : 0n;
    for (const byte of this.#take(width)) value = value * 256n + BigInt(byte);
    if (major < BYTES) return { major, value };
    if (major === SIMPLE) return { major, value, width };
    const count = Number(value);
    if (major === TAG) return { major, value, items: [this.item()] };
    if (major > 3) {
      const items = Array.from({ length: major === MAP ? 2 * count : count }, () => this.item());
      return { major, value: 0n, items };
    }
    const bytes = this.#take(count);
    const inner = major === BYTES ? innerMap(bytes) : undefined;
    return inner === undefined ? { major, value: 0n, bytes } : { major, value: 0n, items: [inner] };
  }

  #take(count: number): Uint8Array {
    const end = this.#offset + count;
    if (end > this.#bytes.length) throw new RangeError("this is cut short");
    const taken = this.#bytes.slice(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

function innerMap(bytes: Uint8Array): CborItem | undefined {
  if ((bytes[0] ?? 0) >> 5 !== MAP) return undefined;
  try {
    const reader = new Reader(bytes);
    const item = reader.item();
    return reader.ended ? item : undefined;
  } catch {
    return undefined;
  }
}

/** For tests: the bytes of an item, with all that is wrong with it. */
export function writeCbor(item: CborItem): Uint8Array {
  const out: number[] = [];
  write(item, out);
  return Uint8Array.from(out);
}

function write(item: CborItem, out: number[]): void {
  const { major, items, bytes } = item;
  const content: number[] = [];
  for (const inner of items ?? []) write(inner, content);
  for (const byte of bytes ?? []) content.push(byte);
  const length = item.claimed ?? lengthOf(item, content.length);
  if (item.open === true && major > 1) out.push((major << 5) | 31);
  else writeHead(major, length, item.width, out);
  for (const byte of content) out.push(byte);
  if (item.open === true && major > 1) out.push(0xff);
}

function lengthOf({ major, value, items }: CborItem, bytes: number): bigint {
  if (major < BYTES || major >= TAG) return value;
  if (major < 4) return BigInt(bytes);
  const count = items?.length ?? 0;
  return BigInt(major === MAP ? count >> 1 : count);
}

function writeHead(major: number, value: bigint, wanted: number | undefined, out: number[]): void {
  const width = Math.max(wanted ?? 0, narrowest(value));
  if (width === 0) {
    out.push((major << 5) | Number(value));
    return;
  }
  out.push((major << 5) | (24 + Math.log2(width)));
  for (let byte = width - 1; byte >= 0; byte -= 1)
    out.push(Number((value >> BigInt(8 * byte)) & 255n));
}

function narrowest(value: bigint): number {
  if (value < 24n) return 0;
  if (value < 0x100n) return 1;
  if (value < 0x1_0000n) return 2;
  return value < 0x1_0000_0000n ? 4 : 8;
}
