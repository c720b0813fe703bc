// SPDX-License-Identifier: Apache-2.0
import { open, type FileHandle } from "node:fs/promises";
import { type AppError, isAppError } from "@consortium/kit/errors";
import type { DecodedEntry } from "../entry/decode-entry.js";
import { EntryFlag } from "../entry/layout.js";
import { formatTransactionId } from "../entry/transaction-id.js";
import { faultInFile, withPlace } from "./faults.js";
import {
  offsetOfEntry,
  readEntrySlices,
  readLayout,
  readPositions,
  type EntrySlice,
  type FileLayout,
} from "./file-reader.js";
import type { LedgerFile } from "./ledger-files.js";
import type { LedgerVerifier, VerifiedEntries } from "./ledger-verifier.js";
import type { UnsignedPlaces } from "./unsigned-places.js";

/** What was verified last, with the bytes it was read from. The next bytes are read after it resolves. */
export type OnVerified = (verified: VerifiedEntries, bytes: Uint8Array) => Promise<void>;

export interface FileContext {
  readonly verifier: LedgerVerifier;
  readonly places: UnsignedPlaces;
  readonly signal?: AbortSignal | undefined;
  readonly onVerified?: OnVerified | undefined;
  /** Called with the bytes of the file that are behind. */
  readonly onSlice?: ((bytes: number) => void) | undefined;
}

export interface VerifiedFile {
  readonly bytes: number;
  /** Bytes of an entry that was being written when the file was left. */
  readonly incompleteBytes: number;
}

/** Verifies the next file of a ledger. Faults carry file, offset and transaction in their details. */
export async function verifyFile(file: LedgerFile, context: FileContext): Promise<VerifiedFile> {
  await using handle = await open(file.path);
  const layout = await readLayout(handle, file);
  let incompleteBytes = 0;
  try {
    // A verifier that started from a snapshot may be past the first entries of the file.
    const behind = context.verifier.lastSeqno + 1 - file.firstSeqno;
    const from = await offsetOfEntry(handle, file, layout, behind);
    for await (const slice of readEntrySlices(handle, file, layout.entriesEnd, from)) {
      context.signal?.throwIfAborted();
      await verifySlice(slice, { ...context, file, layout, handle });
    }
  } catch (error) {
    if (!isAppError(error)) throw error;
    const transactionId = `?.${context.verifier.lastSeqno + 1}`;
    if (!isIncompleteTail(error, layout))
      throw withPlace(error, { file: file.name, transactionId });
    incompleteBytes = layout.size - Number(error.details.fileOffset);
  }
  requireComplete(file, layout, context.verifier);
  return { bytes: layout.size, incompleteBytes };
}

interface SliceContext extends FileContext {
  readonly file: LedgerFile;
  readonly layout: FileLayout;
  readonly handle: FileHandle;
}

async function verifySlice(slice: EntrySlice, context: SliceContext): Promise<void> {
  const { verifier, places, file, layout, handle } = context;
  const firstIndex = verifier.lastSeqno + 1 - file.firstSeqno;
  const verified = feed(slice, context);
  const { entries, lastSignature } = verified;
  const positions =
    layout.positionCount === undefined
      ? undefined
      : await readPositions(handle, layout, firstIndex, entries.length);
  for (const [index, entry] of entries.entries()) {
    const offset = slice.offset + entry.offset;
    requirePosition(positions?.[index] ?? offset, offset, firstIndex + index, context);
    if (firstIndex + index > 0) requireNoBoundary(entry, file, offset);
    places.add(file.name, entry.seqno, offset);
  }
  if (lastSignature !== undefined) places.forgetBefore(lastSignature.seqno);
  await context.onVerified?.(verified, slice.bytes);
  context.onSlice?.(slice.offset + slice.bytes.length);
}

/** Feeds a slice; a fault is placed in the file where the entry at fault lies. */
function feed(slice: EntrySlice, context: SliceContext): ReturnType<LedgerVerifier["feed"]> {
  try {
    return context.verifier.feed(slice.bytes);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { offset, seqno } = error.details;
    if (offset !== undefined) {
      throw withPlace(error, { file: context.file.name, offset: slice.offset + Number(offset) });
    }
    // A transaction of an earlier slice, perhaps of an earlier file.
    throw withPlace(error, context.places.find(Number(seqno)) ?? { file: context.file.name });
  }
}

function requirePosition(
  listed: number,
  offset: number,
  index: number,
  context: SliceContext,
): void {
  if (listed === offset) return;
  const message = `entry ${index} of the file is at ${offset}, the positions table says ${listed}`;
  const at = context.layout.entriesEnd + index * 4;
  throw faultInFile("LEDGER_POSITIONS_MISMATCH", message, { file: context.file.name, offset: at });
}

/** An entry that begins a chunk is the first of its file. */
function requireNoBoundary(entry: DecodedEntry, file: LedgerFile, offset: number): void {
  if ((entry.flags & EntryFlag.chunkBefore) === 0) return;
  throw faultInFile("CHUNK_FLAG_INVALID", "an entry that begins a chunk does not begin a file", {
    file: file.name,
    offset,
    transactionId: formatTransactionId(entry.view, entry.seqno),
  });
}

/** A process that died while writing leaves the start of an entry at the end of a growing file. */
function isIncompleteTail(error: AppError, layout: FileLayout): boolean {
  return (
    error.code === "ENTRY_TRUNCATED" &&
    error.details.fileOffset !== undefined &&
    layout.positionCount === undefined
  );
}

function requireComplete(file: LedgerFile, layout: FileLayout, verifier: LedgerVerifier): void {
  const place = { file: file.name, offset: layout.entriesEnd };
  const count = verifier.lastSeqno - file.firstSeqno + 1;
  if (layout.positionCount !== undefined && layout.positionCount !== count) {
    const message = `the file has ${count} entries, its positions table ${layout.positionCount}`;
    throw faultInFile("LEDGER_POSITIONS_MISMATCH", message, place);
  }
  if (file.isCommitted && verifier.lastSignature?.seqno !== verifier.lastSeqno) {
    const message = "a committed file does not end with a signature";
    throw faultInFile("LEDGER_FILE_NOT_SIGNED", message, place);
  }
}
