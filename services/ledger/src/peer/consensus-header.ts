// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

const headerErrors = defineErrors({ CONSENSUS_HEADER_MALFORMED: "invalid_argument" });

/** What the primary says of the ledger; the entries, if any, follow it. */
export interface AppendEntries {
  readonly kind: "append";
  readonly groupId: number;
  readonly view: number;
  /** The first and last seqno of the entries; without entries, where the store ends. */
  readonly firstSeqno: number;
  readonly lastSeqno: number;
  /** Everything up to here is acknowledged by a majority. */
  readonly commitSeqno: number;
}

/** What a follower has verified: how far, and what. */
export interface AppendAnswer {
  readonly kind: "answer";
  readonly groupId: number;
  readonly view: number;
  readonly lastSeqno: number;
  /** The Merkle root over every entry up to the last one: 32 bytes. */
  readonly root: Uint8Array;
}

/** The primary has returned its lease: whoever is ready may lead. */
export interface Farewell {
  readonly kind: "farewell";
  readonly groupId: number;
  readonly view: number;
  readonly lastSeqno: number;
}

export type ConsensusHeader = AppendEntries | AppendAnswer | Farewell;

const KIND = { append: 1, answer: 2, farewell: 3 } as const;
const FAREWELL_BYTES = 1 + 4 + 8 + 8;
const ROOT_BYTES = 32;
const BYTES_OF_KIND = {
  [KIND.append]: FAREWELL_BYTES + 8 + 8,
  [KIND.answer]: FAREWELL_BYTES + ROOT_BYTES,
  [KIND.farewell]: FAREWELL_BYTES,
} as const;

/**
 * Kind u8, group u32, view u64, last seqno u64; for an append first seqno and commit seqno u64; for an
 * answer the root; all LE.
 */
export function encodeConsensusHeader(header: ConsensusHeader): Uint8Array {
  const bytes = Buffer.alloc(BYTES_OF_KIND[KIND[header.kind]]);
  bytes.writeUInt8(KIND[header.kind], 0);
  bytes.writeUInt32LE(header.groupId, 1);
  bytes.writeBigUInt64LE(BigInt(header.view), 5);
  bytes.writeBigUInt64LE(BigInt(header.lastSeqno), 13);
  if (header.kind === "append") {
    bytes.writeBigUInt64LE(BigInt(header.firstSeqno), 21);
    bytes.writeBigUInt64LE(BigInt(header.commitSeqno), 29);
  }
  if (header.kind === "answer") {
    if (header.root.length !== ROOT_BYTES) throw malformed("a root has 32 bytes");
    bytes.set(header.root, FAREWELL_BYTES);
  }
  return bytes;
}

/** Throws `CONSENSUS_HEADER_MALFORMED` on anything but an exact header. */
export function decodeConsensusHeader(header: Uint8Array): ConsensusHeader {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const kind = bytes.length === 0 ? 0 : bytes.readUInt8(0);
  const isKnown = kind === KIND.append || kind === KIND.answer || kind === KIND.farewell;
  if (!isKnown || bytes.length !== BYTES_OF_KIND[kind]) {
    throw malformed(`kind ${kind} with ${bytes.length} bytes`);
  }
  const groupId = bytes.readUInt32LE(1);
  const view = readNumber(bytes, 5);
  const lastSeqno = readNumber(bytes, 13);
  if (kind === KIND.answer) {
    const root = Uint8Array.from(bytes.subarray(FAREWELL_BYTES));
    return { kind: "answer", groupId, view, lastSeqno, root };
  }
  if (kind === KIND.farewell) return { kind: "farewell", groupId, view, lastSeqno };
  const firstSeqno = readNumber(bytes, 21);
  const commitSeqno = readNumber(bytes, 29);
  if (firstSeqno > lastSeqno + 1 || commitSeqno > lastSeqno) throw malformed("seqnos out of order");
  return { kind: "append", groupId, view, firstSeqno, lastSeqno, commitSeqno };
}

function readNumber(bytes: Buffer, offset: number): number {
  const value = Number(bytes.readBigUInt64LE(offset));
  if (!Number.isSafeInteger(value)) throw malformed("a number is out of range");
  return value;
}

function malformed(what: string): Error {
  return headerErrors("CONSENSUS_HEADER_MALFORMED", `the consensus header is malformed: ${what}`);
}
