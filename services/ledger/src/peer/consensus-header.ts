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

/** What a follower has verified. */
export interface AppendAnswer {
  readonly kind: "answer";
  readonly groupId: number;
  readonly view: number;
  readonly lastSeqno: number;
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
const ANSWER_BYTES = 1 + 4 + 8 + 8;
const APPEND_BYTES = ANSWER_BYTES + 8 + 8;

/** Kind u8, group u32, view u64, last seqno u64; for an append first seqno and commit seqno u64; all LE. */
export function encodeConsensusHeader(header: ConsensusHeader): Uint8Array {
  const bytes = Buffer.alloc(header.kind === "append" ? APPEND_BYTES : ANSWER_BYTES);
  bytes.writeUInt8(KIND[header.kind], 0);
  bytes.writeUInt32LE(header.groupId, 1);
  bytes.writeBigUInt64LE(BigInt(header.view), 5);
  bytes.writeBigUInt64LE(BigInt(header.lastSeqno), 13);
  if (header.kind === "append") {
    bytes.writeBigUInt64LE(BigInt(header.firstSeqno), 21);
    bytes.writeBigUInt64LE(BigInt(header.commitSeqno), 29);
  }
  return bytes;
}

/** Throws `CONSENSUS_HEADER_MALFORMED` on anything but an exact header. */
export function decodeConsensusHeader(header: Uint8Array): ConsensusHeader {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const kind = bytes.length === 0 ? 0 : bytes.readUInt8(0);
  const isShort = kind === KIND.answer || kind === KIND.farewell;
  const expected = kind === KIND.append ? APPEND_BYTES : isShort ? ANSWER_BYTES : -1;
  if (bytes.length !== expected) throw malformed(`kind ${kind} with ${bytes.length} bytes`);
  const groupId = bytes.readUInt32LE(1);
  const view = readNumber(bytes, 5);
  const lastSeqno = readNumber(bytes, 13);
  if (kind === KIND.answer) return { kind: "answer", groupId, view, lastSeqno };
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
