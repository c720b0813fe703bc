// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from "node:fs/promises";
import { isAppError } from "@consortium/kit/errors";
import { entryLengthFromHeader } from "../entry/decode-entry.js";
import { entryErrors } from "../entry/errors.js";
import { ENTRY_HEADER_BYTES } from "../entry/layout.js";
import { verifyErrors } from "./errors.js";
import type { LedgerFile } from "./ledger-files.js";

/** Bytes at the head of a ledger file: the offset of its positions table. */
export const FILE_HEADER_BYTES = 8;
const POSITION_BYTES = 4;
const SLICE_BYTES = 1024 * 1024;

/** Where the parts of a ledger file lie. */
export interface FileLayout {
  readonly size: number;
  /** Where the entries end and the positions table, if there is one, begins. */
  readonly entriesEnd: number;
  /** Entries in the positions table; `undefined` while the file grows. */
  readonly positionCount?: number;
}

/** Reads the head of a file and checks it against size and name. */
export async function readLayout(handle: FileHandle, file: LedgerFile): Promise<FileLayout> {
  const { size } = await handle.stat();
  if (size < FILE_HEADER_BYTES) throw malformed(file, "the file is shorter than its head");
  const head = await readExactly(handle, 0, FILE_HEADER_BYTES);
  const entriesEnd = Number(head.readBigUInt64LE(0));
  if (entriesEnd === 0) {
    if (file.lastSeqno !== undefined)
      throw malformed(file, "a complete file has no positions table");
    return { size, entriesEnd: size };
  }
  const tableBytes = size - entriesEnd;
  if (entriesEnd < FILE_HEADER_BYTES || tableBytes < 0 || tableBytes % POSITION_BYTES !== 0) {
    throw malformed(file, `the positions table cannot begin at ${entriesEnd}`);
  }
  const positionCount = tableBytes / POSITION_BYTES;
  if (file.lastSeqno !== undefined && positionCount !== file.lastSeqno - file.firstSeqno + 1) {
    throw malformed(
      file,
      `the positions table has ${positionCount} entries, unlike the file's name`,
    );
  }
  return { size, entriesEnd, positionCount };
}

/** Some whole entries of a file. */
export interface EntrySlice {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * The entries of a file in slices of about a megabyte, however large the file is. An entry that does
 * not end where the entries of the file do is refused, after all before it were given.
 */
export async function* readEntrySlices(
  handle: FileHandle,
  file: LedgerFile,
  entriesEnd: number,
  from = FILE_HEADER_BYTES,
): AsyncIterable<EntrySlice> {
  for (let offset = from; offset < entriesEnd;) {
    let slice = await readExactly(handle, offset, Math.min(SLICE_BYTES, entriesEnd - offset));
    let length = wholeEntriesLength(slice);
    if (length === 0) {
      length = requireFirstLength(slice, file, offset, entriesEnd);
      slice = await readExactly(handle, offset, length);
    }
    yield { offset, bytes: slice.subarray(0, length) };
    offset += length;
  }
}

/** Where the last whole entry of a slice ends; whatever is wrong after it comes first next time. */
function wholeEntriesLength(slice: Buffer): number {
  let end = 0;
  while (end + ENTRY_HEADER_BYTES <= slice.length) {
    let length: number;
    try {
      length = entryLengthFromHeader(slice, end);
    } catch (error) {
      if (isAppError(error)) break;
      throw error;
    }
    if (end + length > slice.length) break;
    end += length;
  }
  return end;
}

function requireFirstLength(slice: Buffer, file: LedgerFile, offset: number, end: number): number {
  let length: number;
  try {
    length = entryLengthFromHeader(slice);
  } catch (cause) {
    if (!isAppError(cause)) throw cause;
    const code = cause.code === "ENTRY_TRUNCATED" ? "ENTRY_TRUNCATED" : "ENTRY_MALFORMED";
    throw entryErrors(code, cause.message, { details: place(file, offset), cause });
  }
  if (offset + length > end) {
    const message = `an entry of ${length} bytes is cut off`;
    throw entryErrors("ENTRY_TRUNCATED", message, { details: place(file, offset) });
  }
  return length;
}

function place(file: LedgerFile, offset: number): Record<string, string> {
  return { file: file.name, fileOffset: String(offset) };
}

/** Where the entry with this index in the file begins. */
export async function offsetOfEntry(
  handle: FileHandle,
  file: LedgerFile,
  layout: FileLayout,
  index: number,
): Promise<number> {
  if (index === 0) return FILE_HEADER_BYTES;
  if (layout.positionCount !== undefined) {
    const [offset = 0] = await readPositions(handle, layout, index, 1);
    if (offset > FILE_HEADER_BYTES && offset < layout.entriesEnd) return offset;
    throw malformed(file, `entry ${index} cannot be at ${offset}`);
  }
  let left = index;
  for await (const { offset, bytes } of readEntrySlices(handle, file, layout.entriesEnd)) {
    for (let at = 0; at < bytes.length; left -= 1) {
      if (left === 0) return offset + at;
      at += entryLengthFromHeader(bytes, at);
    }
  }
  return layout.entriesEnd;
}

/** The positions of `count` entries, from the one with this index in the file. */
export async function readPositions(
  handle: FileHandle,
  layout: FileLayout,
  firstIndex: number,
  count: number,
): Promise<number[]> {
  const start = layout.entriesEnd + firstIndex * POSITION_BYTES;
  const bytes = await readExactly(handle, start, count * POSITION_BYTES);
  return Array.from({ length: count }, (_, index) => bytes.readUInt32LE(index * POSITION_BYTES));
}

export async function readExactly(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, at + filled);
    if (bytesRead === 0) throw new Error(`the file ends at ${at + filled} while it is read`);
    filled += bytesRead;
  }
  return buffer;
}

function malformed(file: LedgerFile, message: string): Error {
  return verifyErrors("LEDGER_FILE_MALFORMED", message, {
    details: place(file, 0),
  });
}
