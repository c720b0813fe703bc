// SPDX-License-Identifier: Apache-2.0
import { mkdir, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeEntry, type DecodedEntry } from "../entry/decode-entry.js";
import { EntryFlag } from "../entry/layout.js";
import { isSignatureTransaction } from "../signature/parse-signature.js";
import { CHECKSUMS_FILE, formatChecksums } from "../verify/checksums.js";
import { ChunkFile, FILE_BYTES_MAX, type WrittenFile } from "./chunk-file.js";
import { exportErrors } from "./errors.js";

/** CCF's default for `ledger.chunk_size`. */
export const CHUNK_SIZE_DEFAULT = 5 * 1024 * 1024;

export interface WriteDirectoryOptions {
  /** A file ends at the first signature after so many bytes of entries. */
  readonly chunkSizeBytes?: number;
  /** Called after each chunk with the last seqno that was written. */
  readonly onProgress?: (seqno: number) => void;
  readonly signal?: AbortSignal;
}

export interface WrittenLedger {
  readonly files: readonly WrittenFile[];
  readonly lastSeqno: number;
  /** Entries after the last signature, which were not written. */
  readonly unsignedEntries: number;
}

/**
 * Writes CCF's ledger directory from chunks of raw entries: `ledger_1-14.committed` and so on, each
 * ending with a signature, and a list of checksums. The directory must be new or empty.
 *
 * @example
 * const { files } = await writeLedgerDirectory("ledger", store.replay({ group: 0 }));
 */
export async function writeLedgerDirectory(
  directory: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: WriteDirectoryOptions = {},
): Promise<WrittenLedger> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw exportErrors("EXPORT_DIRECTORY_NOT_EMPTY", `${directory} is not empty`, {
      hint: "name a directory that does not exist yet",
    });
  }
  await using writer = new DirectoryWriter(directory, options.chunkSizeBytes ?? CHUNK_SIZE_DEFAULT);
  for await (const chunk of chunks) {
    options.signal?.throwIfAborted();
    for (let offset = 0; offset < chunk.length;) {
      const entry = decodeEntry(chunk, offset);
      offset += entry.length;
      await writer.append(entry, chunk.subarray(entry.offset, offset));
    }
    options.onProgress?.(writer.lastSeqno);
  }
  return await writer.finish();
}

class DirectoryWriter implements AsyncDisposable {
  readonly #directory: string;
  readonly #chunkSizeBytes: number;
  readonly #files: WrittenFile[] = [];
  #file: ChunkFile | undefined;
  /** Entries of the file up to and including its last signature. */
  #signedEntries = 0;
  #lastSeqno = 0;

  constructor(directory: string, chunkSizeBytes: number) {
    this.#directory = directory;
    this.#chunkSizeBytes = chunkSizeBytes;
  }

  get lastSeqno(): number {
    return this.#lastSeqno;
  }

  async append(entry: DecodedEntry, bytes: Uint8Array): Promise<void> {
    if (entry.seqno !== this.#lastSeqno + 1) {
      const message = `the ledger goes on with ${entry.seqno} after ${this.#lastSeqno}`;
      throw exportErrors("EXPORT_NOT_CONTIGUOUS", message);
    }
    const isAtBoundary = this.#file !== undefined && this.#signedEntries === this.#file.entryCount;
    const mustBegin = (entry.flags & EntryFlag.chunkBefore) !== 0;
    const isFull = (this.#file?.end ?? 0) + bytes.length > FILE_BYTES_MAX;
    if (isAtBoundary && (mustBegin || isFull)) await this.#commit();
    this.#file ??= await ChunkFile.create(this.#directory, entry.seqno);
    await this.#file.append(bytes);
    this.#lastSeqno = entry.seqno;
    if (!isSignatureTransaction(entry.publicWrites)) return;
    this.#signedEntries = this.#file.entryCount;
    const mustEnd = (entry.flags & EntryFlag.chunkAfter) !== 0;
    if (mustEnd || this.#file.end - 8 >= this.#chunkSizeBytes) await this.#commit();
  }

  async finish(): Promise<WrittenLedger> {
    const unsignedEntries = (this.#file?.entryCount ?? 0) - this.#signedEntries;
    if (this.#signedEntries > 0) {
      await this.#file?.truncate(this.#signedEntries);
      await this.#commit();
    }
    const last = this.#files.at(-1);
    if (last === undefined)
      throw exportErrors("EXPORT_EMPTY", "the ledger has no signed transaction");
    const sums = this.#files.map((file): [string, string] => [file.name, file.sha256]);
    await writeFile(join(this.#directory, CHECKSUMS_FILE), formatChecksums(sums), { flush: true });
    await syncDirectory(this.#directory);
    return { files: this.#files, lastSeqno: last.lastSeqno, unsignedEntries };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.abandon();
  }

  async #commit(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    this.#signedEntries = 0;
    this.#files.push(await file.commit());
  }
}

/** Makes the names of the files durable. */
async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, "r");
  await handle.sync();
}
