// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { committedFileName } from "../verify/ledger-files.js";

const FILE_HEADER_BYTES = 8;
/** Entries are collected up to this before they are written. */
const BUFFER_BYTES = 1024 * 1024;
/** Positions are 32 bits. */
export const FILE_BYTES_MAX = 0xffff_ffff;

export interface WrittenFile {
  readonly name: string;
  readonly firstSeqno: number;
  readonly lastSeqno: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** One ledger file while it is written: under another name until it is whole and on the disk. */
export class ChunkFile {
  readonly #handle: FileHandle;
  readonly #directory: string;
  readonly #temporaryPath: string;
  readonly #firstSeqno: number;
  readonly #positions: number[] = [];
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  #end = FILE_HEADER_BYTES;

  private constructor(handle: FileHandle, directory: string, path: string, firstSeqno: number) {
    this.#handle = handle;
    this.#directory = directory;
    this.#temporaryPath = path;
    this.#firstSeqno = firstSeqno;
  }

  static async create(directory: string, firstSeqno: number): Promise<ChunkFile> {
    // The suffix keeps every reader away from it.
    const path = join(directory, `ledger_${firstSeqno}.partial.ignored`);
    const handle = await open(path, "wx");
    await handle.write(new Uint8Array(FILE_HEADER_BYTES), 0, FILE_HEADER_BYTES, 0);
    return new ChunkFile(handle, directory, path, firstSeqno);
  }

  get entryCount(): number {
    return this.#positions.length;
  }

  /** Where the next entry goes: the bytes so far, head included. */
  get end(): number {
    return this.#end;
  }

  async append(entry: Uint8Array): Promise<void> {
    this.#positions.push(this.#end);
    this.#end += entry.length;
    this.#buffered.push(entry);
    this.#bufferedBytes += entry.length;
    if (this.#bufferedBytes >= BUFFER_BYTES) await this.#flush();
  }

  /** Drops entries from the end until `count` are left. */
  async truncate(count: number): Promise<void> {
    if (count >= this.#positions.length) return;
    await this.#flush();
    this.#end = this.#positions[count] ?? this.#end;
    this.#positions.length = count;
    await this.#handle.truncate(this.#end);
  }

  /** Adds the positions table, makes everything durable and gives the file its name. */
  async commit(): Promise<WrittenFile> {
    await this.#flush();
    const table = Buffer.allocUnsafe(this.#positions.length * 4);
    this.#positions.forEach((position, index) => table.writeUInt32LE(position, index * 4));
    await this.#writeAll(table, this.#end);
    const head = Buffer.alloc(FILE_HEADER_BYTES);
    head.writeBigUInt64LE(BigInt(this.#end));
    await this.#writeAll(head, 0);
    await this.#handle.sync();
    await this.#handle.close();
    const lastSeqno = this.#firstSeqno + this.#positions.length - 1;
    const name = committedFileName(this.#firstSeqno, lastSeqno);
    const hash = createHash("sha256");
    await pipeline(createReadStream(this.#temporaryPath), hash);
    await rename(this.#temporaryPath, join(this.#directory, name));
    return {
      name,
      firstSeqno: this.#firstSeqno,
      lastSeqno,
      bytes: this.#end + table.length,
      sha256: hash.digest("hex"),
    };
  }

  /** Removes a file that will not be finished. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    await unlink(this.#temporaryPath);
  }

  async #flush(): Promise<void> {
    if (this.#bufferedBytes === 0) return;
    await this.#writeAll(Buffer.concat(this.#buffered), this.#end - this.#bufferedBytes);
    this.#buffered = [];
    this.#bufferedBytes = 0;
  }

  async #writeAll(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const part = await this.#handle.write(
        bytes,
        written,
        bytes.length - written,
        position + written,
      );
      written += part.bytesWritten;
    }
  }
}
