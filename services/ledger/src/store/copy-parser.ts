// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES_MAX } from "./append.js";
import { storeErrors } from "./errors.js";

/** A chunk as it is in the store. */
export interface StoredChunk {
  firstSeqno: number;
  lastSeqno: number;
  view: number;
  entries: Buffer;
}

const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");
const HEADER_BYTES = SIGNATURE.length + 8;
const EXTENSION_BYTES_MAX = 1024;
const FIELD_COUNT = 4;
/** The field count, three integers with their lengths, and the length of the entries. */
const ROW_PREFIX_BYTES = 2 + 3 * (4 + 8) + 4;
const NOTHING = Buffer.alloc(0);

type State = "header" | "row" | "entries" | "end";

/**
 * Reads `COPY (select first_seqno, last_seqno, view, entries …) TO STDOUT (format binary)`, which arrives in
 * pieces of any size. Entries that lie within one piece are not copied.
 *
 * @example
 * const parser = new CopyParser();
 * for await (const piece of stream) for (const chunk of parser.push(piece)) use(chunk);
 * parser.finish();
 */
export class CopyParser {
  #state: State = "header";
  /** The beginning of a header or row whose rest is in the next piece. */
  #rest: Buffer = NOTHING;
  #chunk: StoredChunk = { firstSeqno: 0, lastSeqno: 0, view: 0, entries: NOTHING };
  #filled = 0;

  /** The chunks that are complete with this piece. */
  push(piece: Buffer): StoredChunk[] {
    const chunks: StoredChunk[] = [];
    let input = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    this.#rest = NOTHING;
    for (;;) {
      const consumed = this.#step(input, chunks);
      if (consumed === undefined) break;
      input = input.subarray(consumed);
    }
    // What is left is less than a row's prefix, so keeping a copy frees the piece.
    if (this.#state !== "entries") this.#rest = Buffer.from(input);
    return chunks;
  }

  /** Throws unless the end of the data has been seen. */
  finish(): void {
    if (this.#state !== "end") throw malformed("it ends in the middle");
  }

  /** Consumes one part of the input. `undefined`: there is not enough for the next part. */
  #step(input: Buffer, chunks: StoredChunk[]): number | undefined {
    switch (this.#state) {
      case "header":
        return this.#readHeader(input);
      case "row":
        return this.#readRow(input, chunks);
      case "entries":
        return this.#fillEntries(input, chunks);
      case "end":
        if (input.length > 0) throw malformed("data follows its end");
        return undefined;
      default:
        return this.#state satisfies never;
    }
  }

  #readHeader(input: Buffer): number | undefined {
    const seen = Math.min(input.length, SIGNATURE.length);
    if (!input.subarray(0, seen).equals(SIGNATURE.subarray(0, seen)))
      throw malformed("its signature is wrong");
    if (input.length < HEADER_BYTES) return undefined;
    // Bits 16 to 31 announce something that a reader must understand; there is nothing that we do.
    if (input.readUInt32BE(SIGNATURE.length) >>> 16 !== 0) throw malformed("it has unknown flags");
    const extension = input.readUInt32BE(SIGNATURE.length + 4);
    if (extension > EXTENSION_BYTES_MAX) throw malformed("its header is too long");
    if (input.length < HEADER_BYTES + extension) return undefined;
    this.#state = "row";
    return HEADER_BYTES + extension;
  }

  #readRow(input: Buffer, chunks: StoredChunk[]): number | undefined {
    if (input.length < 2) return undefined;
    const fields = input.readInt16BE(0);
    if (fields === -1) {
      this.#state = "end";
      return 2;
    }
    if (fields !== FIELD_COUNT) throw malformed(`a row has ${fields} fields`);
    if (input.length < ROW_PREFIX_BYTES) return undefined;
    const length = input.readInt32BE(ROW_PREFIX_BYTES - 4);
    if (length < 1 || length > CHUNK_BYTES_MAX) throw malformed(`a chunk has ${length} bytes`);
    this.#chunk = {
      firstSeqno: readInteger(input, 2),
      lastSeqno: readInteger(input, 14),
      view: readInteger(input, 26),
      entries: NOTHING,
    };
    const end = ROW_PREFIX_BYTES + length;
    if (input.length >= end) {
      this.#chunk.entries = input.subarray(ROW_PREFIX_BYTES, end);
      chunks.push(this.#chunk);
      return end;
    }
    this.#chunk.entries = Buffer.allocUnsafe(length);
    this.#filled = 0;
    this.#state = "entries";
    return ROW_PREFIX_BYTES;
  }

  #fillEntries(input: Buffer, chunks: StoredChunk[]): number | undefined {
    if (input.length === 0) return undefined;
    const { entries } = this.#chunk;
    const copied = input.copy(entries, this.#filled);
    this.#filled += copied;
    if (this.#filled === entries.length) {
      chunks.push(this.#chunk);
      this.#state = "row";
    }
    return copied;
  }
}

function readInteger(input: Buffer, offset: number): number {
  if (input.readInt32BE(offset) !== 8) throw malformed("a column is not a bigint");
  const value = Number(input.readBigInt64BE(offset + 4));
  if (!Number.isSafeInteger(value) || value < 1) throw malformed("a seqno or view is out of range");
  return value;
}

function malformed(why: string): Error {
  return storeErrors(
    "STORE_ANSWER_MALFORMED",
    `the database's copy of the ledger cannot be read: ${why}`,
  );
}
