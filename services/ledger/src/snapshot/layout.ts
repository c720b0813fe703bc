// SPDX-License-Identifier: Apache-2.0
import {
  DIGEST_BYTES,
  ENTRY_HEADER_BYTES,
  ENTRY_VERSION,
  EntryType,
  GCM_IV_BYTES,
  GCM_TAG_BYTES,
  PUBLIC_DOMAIN_OFFSET,
} from "../entry/layout.js";
import { snapshotErrors } from "./errors.js";

/** Keys and values are padded with zeros to a multiple of this. */
export const PADDING_BYTES = 8;
/** Each value begins with the seqno that wrote it. */
export const VERSION_BYTES = 8;
/** In the last four bytes of the IV: this is a snapshot. The rest of them, the view, is zero. */
const SNAPSHOT_IV_VIEW = 0x8000_0000;
/** Type, version and max conflict version: what the public domain begins with. */
export const PUBLIC_HEADER_BYTES = 1 + 8 + 8;
/** 48 bits hold the size of a snapshot. */
const SIZE_MAX = 2 ** 48 - 1;
/** More than one GCM message can hold. */
const PRIVATE_BYTES_MAX = 2 ** 36 - 32;

/** Where the parts of a snapshot lie, and what its head says. */
export interface SnapshotFrame {
  readonly seqno: number;
  readonly tag: Uint8Array;
  readonly iv: Uint8Array;
  readonly publicStart: number;
  readonly privateStart: number;
  /** Where the snapshot ends and its receipt, if there is one, begins. */
  readonly bodyEnd: number;
}

/** The IV is never used for anything else: snapshots are taken of what is committed, and alike each time. */
export function snapshotIv(seqno: number): Buffer {
  const iv = Buffer.alloc(GCM_IV_BYTES);
  writeU64(iv, 0, seqno);
  iv.writeUInt32LE(SNAPSHOT_IV_VIEW, 8);
  return iv;
}

/** The 44 bytes before the public domain. */
export function writeHead(
  head: Buffer,
  lengths: { readonly seqno: number; readonly public: number; readonly private: number },
): void {
  const size = PUBLIC_DOMAIN_OFFSET - ENTRY_HEADER_BYTES + lengths.public + lengths.private;
  if (lengths.private > PRIVATE_BYTES_MAX || size > SIZE_MAX) {
    throw new RangeError(`a snapshot of ${size} bytes is more than the format holds`);
  }
  head[0] = ENTRY_VERSION;
  head[1] = 0;
  head.writeUIntLE(size, 2, 6);
  snapshotIv(lengths.seqno).copy(head, ENTRY_HEADER_BYTES + GCM_TAG_BYTES);
  writeU64(head, PUBLIC_DOMAIN_OFFSET - 8, lengths.public);
}

/** The tag is known when everything else is written. */
export function writeTag(head: Buffer, tag: Uint8Array): void {
  head.set(tag, ENTRY_HEADER_BYTES);
}

/** Checks the head of a snapshot against the bytes there are. What follows the body is not looked at. */
export function readFrame(bytes: Buffer): SnapshotFrame {
  if (bytes.length < PUBLIC_DOMAIN_OFFSET + PUBLIC_HEADER_BYTES) {
    throw malformed(`${bytes.length} bytes are too few`);
  }
  if (bytes[0] !== ENTRY_VERSION) throw malformed(`version ${bytes[0]} is not ${ENTRY_VERSION}`);
  if (bytes[1] !== 0) throw malformed(`flags ${bytes[1]} are set, a snapshot has none`);
  const bodyEnd = ENTRY_HEADER_BYTES + bytes.readUIntLE(2, 6);
  if (bodyEnd > bytes.length) {
    throw malformed(`it is cut off: ${bodyEnd} bytes are announced, ${bytes.length} are there`);
  }
  const publicLength = readU64(bytes, PUBLIC_DOMAIN_OFFSET - 8, "the public length");
  const privateStart = PUBLIC_DOMAIN_OFFSET + publicLength;
  if (publicLength < PUBLIC_HEADER_BYTES || privateStart > bodyEnd) {
    throw malformed(`a public part of ${publicLength} bytes does not fit into it`);
  }
  const tagEnd = ENTRY_HEADER_BYTES + GCM_TAG_BYTES;
  const seqno = readU64(bytes, tagEnd, "the seqno");
  if (bytes.readUInt32LE(tagEnd + 8) !== SNAPSHOT_IV_VIEW) throw malformed("it is an entry");
  if (seqno === 0) throw malformed("it is of seqno 0");
  requirePublicHeader(bytes, seqno);
  return {
    seqno,
    tag: bytes.subarray(ENTRY_HEADER_BYTES, tagEnd),
    iv: bytes.subarray(tagEnd, tagEnd + GCM_IV_BYTES),
    publicStart: PUBLIC_DOMAIN_OFFSET,
    privateStart,
    bodyEnd,
  };
}

function requirePublicHeader(bytes: Buffer, seqno: number): void {
  const at = PUBLIC_DOMAIN_OFFSET;
  if (bytes[at] !== EntryType.snapshot) throw malformed(`entry type ${bytes[at]} is no snapshot's`);
  if (readU64(bytes, at + 1, "the version") !== seqno) {
    throw malformed("the version inside is not the seqno it was encrypted with");
  }
}

/** What stands between the public header and the maps. */
export interface StateHeader {
  /** The leaf of the entry at the snapshot's seqno. */
  readonly leaf: Uint8Array;
  /** For each view from the first on, its first seqno; a view that nobody led has that of the next. */
  readonly viewStarts: readonly number[];
  readonly mapsStart: number;
}

export function readStateHeader(bytes: Buffer, frame: SnapshotFrame): StateHeader {
  const end = frame.privateStart;
  let at = frame.publicStart + PUBLIC_HEADER_BYTES;
  const count = (what: string): number => {
    if (at + 8 > end) throw malformed(`${what} is cut off`);
    const length = readU64(bytes, at, what);
    at += 8;
    if (length > end - at) throw malformed(`${what} exceeds what is left`);
    return length;
  };
  if (count("the length of the leaf") !== DIGEST_BYTES)
    throw malformed("the leaf has not 32 bytes");
  const leaf = Uint8Array.from(bytes.subarray(at, at + DIGEST_BYTES));
  at += DIGEST_BYTES;
  const historyBytes = count("the length of the view history");
  if (historyBytes % 8 !== 0 || historyBytes === 0) {
    throw malformed(`a view history of ${historyBytes} bytes`);
  }
  const viewStarts: number[] = [];
  for (const historyEnd = at + historyBytes; at < historyEnd; at += 8) {
    const start = readU64(bytes, at, "a view's first seqno");
    if (start < (viewStarts.at(-1) ?? 1) || start > frame.seqno) {
      throw malformed(`view ${viewStarts.length + 1} begins at ${start}`);
    }
    viewStarts.push(start);
  }
  return { leaf, viewStarts, mapsStart: at };
}

export function writeU64(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value >>> 0, at);
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}

/** 64 bits that must be a safe integer. */
export function readU64(bytes: Buffer, at: number, what: string): number {
  const high = bytes.readUInt32LE(at + 4);
  if (high >= 0x20_0000) throw malformed(`${what} is out of range`);
  return bytes.readUInt32LE(at) + high * 0x1_0000_0000;
}

export function padded(length: number): number {
  return length + (-length & (PADDING_BYTES - 1));
}

export function malformed(what: string): Error {
  return snapshotErrors("SNAPSHOT_MALFORMED", `the snapshot cannot be read: ${what}`, {
    hint: "use another snapshot, or replay the ledger from its start",
  });
}
