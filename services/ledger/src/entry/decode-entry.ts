// SPDX-License-Identifier: Apache-2.0
import type { WriteSet } from "../kv/types.js";
import { decodeMapsAt } from "./decode-maps.js";
import { entryErrors } from "./errors.js";
import {
  DIGEST_BYTES,
  ENTRY_FLAGS_MASK,
  ENTRY_HEADER_BYTES,
  ENTRY_SIZE_MAX,
  ENTRY_SIZE_MIN,
  ENTRY_VERSION,
  EntryType,
  GCM_TAG_BYTES,
  PUBLIC_DOMAIN_OFFSET,
  type EntryTypeValue,
} from "./layout.js";

/** One entry of the ledger, read without any key. */
export interface DecodedEntry {
  /** Where it starts in the bytes it was read from. */
  readonly offset: number;
  /** Its whole length, header included. */
  readonly length: number;
  readonly flags: number;
  readonly seqno: number;
  readonly view: number;
  readonly entryType: EntryTypeValue;
  /** A view into the bytes read, as the other digest: copy it to keep it. */
  readonly claimsDigest?: Uint8Array;
  readonly commitEvidenceDigest?: Uint8Array;
  readonly publicWrites: WriteSet;
  /** Bytes of the encrypted private domain; they are the last of the entry. */
  readonly privateLength: number;
}

/** The entry that starts at `offset`. */
export function decodeEntry(bytes: Uint8Array, offset = 0): DecodedEntry {
  const buffer = asBuffer(bytes);
  const length = entryLength(buffer, offset);
  const publicLength = readU48(buffer, offset + PUBLIC_DOMAIN_OFFSET - 8, "public length");
  const privateLength = length - PUBLIC_DOMAIN_OFFSET - publicLength;
  if (privateLength < 0)
    throw malformed(`public domain of ${publicLength} bytes exceeds its entry`);

  const iv = offset + ENTRY_HEADER_BYTES + GCM_TAG_BYTES;
  const seqno = readU48(buffer, iv, "seqno");
  const view = buffer.readUInt32LE(iv + 8);
  if (view >= 0x8000_0000) throw malformed("a snapshot where an entry was expected");

  const end = offset + PUBLIC_DOMAIN_OFFSET + publicLength;
  let at = offset + PUBLIC_DOMAIN_OFFSET;
  if (at >= end) throw malformed("the public domain is empty");
  const entryType = buffer[at] as number;
  if (!isEntryType(entryType)) throw malformed(`entry type ${entryType} is not known`);
  const hasClaims =
    entryType === EntryType.withClaims || entryType === EntryType.withCommitEvidenceAndClaims;
  const hasEvidence = entryType >= EntryType.withCommitEvidence;
  // Type, version, the digests there are, max conflict version (not zero in very old ledgers).
  const mapsAt = at + 17 + (hasClaims ? DIGEST_BYTES : 0) + (hasEvidence ? DIGEST_BYTES : 0);
  if (mapsAt > end) throw malformed("the public domain ends before its maps");
  if (readU48(buffer, at + 1, "version") !== seqno) {
    throw malformed("the version inside the entry is not the seqno it was encrypted with");
  }
  at += 9;
  const claimsDigest = hasClaims ? buffer.subarray(at, (at += DIGEST_BYTES)) : undefined;
  const commitEvidenceDigest = hasEvidence ? buffer.subarray(at, at + DIGEST_BYTES) : undefined;
  return {
    offset,
    length,
    flags: buffer[offset + 1] as number,
    seqno,
    view,
    entryType,
    ...(claimsDigest && { claimsDigest }),
    ...(commitEvidenceDigest && { commitEvidenceDigest }),
    publicWrites: decodeMapsAt(buffer, mapsAt, end, "public"),
    privateLength,
  };
}

/** The entries of a chunk in order; anything left over at the end is refused. */
export function* iterateEntries(chunk: Uint8Array): Iterable<DecodedEntry> {
  for (let offset = 0; offset < chunk.length;) {
    const entry = decodeEntry(chunk, offset);
    yield entry;
    offset += entry.length;
  }
}

/**
 * The length of the entry at `offset`, after checking its header and that all of it is there.
 * `ENTRY_TRUNCATED` says that more bytes are needed.
 */
export function entryLength(bytes: Uint8Array, offset = 0): number {
  const length = entryLengthFromHeader(bytes, offset);
  if (offset + length > bytes.length) {
    throw entryErrors("ENTRY_TRUNCATED", `an entry of ${length} bytes is cut off`);
  }
  return length;
}

/** {@link entryLength} when only the eight bytes of the header are at hand. */
export function entryLengthFromHeader(bytes: Uint8Array, offset = 0): number {
  const buffer = asBuffer(bytes);
  if (offset + ENTRY_HEADER_BYTES > buffer.length) {
    throw entryErrors("ENTRY_TRUNCATED", "the header of an entry is cut off");
  }
  const version = buffer[offset] as number;
  if (version !== ENTRY_VERSION)
    throw malformed(`entry version ${version} is not ${ENTRY_VERSION}`);
  const flags = buffer[offset + 1] as number;
  if ((flags & ~ENTRY_FLAGS_MASK) !== 0)
    throw malformed(`entry flags 0x${flags.toString(16)} are not known`);
  const size = buffer.readUIntLE(offset + 2, 6);
  if (size < ENTRY_SIZE_MIN) throw malformed(`entry size ${size} is below ${ENTRY_SIZE_MIN}`);
  if (size > ENTRY_SIZE_MAX) throw malformed(`entry size ${size} is above ${ENTRY_SIZE_MAX}`);
  return ENTRY_HEADER_BYTES + size;
}

function isEntryType(value: number): value is EntryTypeValue {
  return (
    value === EntryType.writeSet ||
    value === EntryType.withClaims ||
    value === EntryType.withCommitEvidence ||
    value === EntryType.withCommitEvidenceAndClaims
  );
}

/** 64 bits of which the upper sixteen must be zero, so that the number is exact. */
function readU48(buffer: Buffer, at: number, what: string): number {
  if (buffer.readUInt16LE(at + 6) !== 0) throw malformed(`${what} is out of range`);
  return buffer.readUInt32LE(at) + buffer.readUInt16LE(at + 4) * 0x1_0000_0000;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function malformed(message: string): Error {
  return entryErrors("ENTRY_MALFORMED", message);
}
