// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CHUNK_BYTES_MAX } from "./append.js";
import { CopyParser, type StoredChunk } from "./copy-parser.js";

const CHUNK: StoredChunk = {
  firstSeqno: 1,
  lastSeqno: 2,
  view: 3,
  entries: Buffer.from("entries"),
};
const TRAILER = Buffer.from([0xff, 0xff]);

describe("the parser of a binary copy", () => {
  it("reads rows that arrive in pieces of any size", () => {
    const chunk = fc.record(
      {
        firstSeqno: fc.integer({ min: 1 }),
        lastSeqno: fc.maxSafeNat().map((value) => Math.max(1, value)),
        view: fc.integer({ min: 1 }),
        entries: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(chunk), fc.array(fc.integer({ min: 0, max: 90 })), (chunks, sizes) => {
        const bytes = Buffer.concat([header(), ...chunks.map((row) => rowOf(row)), TRAILER]);
        assert.deepEqual(parse(split(bytes, sizes)), chunks);
      }),
    );
  });

  it("does not copy entries that lie within one piece", () => {
    const bytes = Buffer.concat([header(), rowOf(CHUNK), TRAILER]);
    const [chunk] = parse([bytes]);
    assert.equal(chunk?.entries.buffer, bytes.buffer);
  });

  it("reads a header with an extension and harmless flags", () => {
    assert.deepEqual(parse([header(0xffff, Buffer.from("more")), TRAILER]), []);
  });

  const bad: Record<string, [bytes: Buffer, why: RegExp]> = {
    "nothing at all": [Buffer.alloc(0), /ends in the middle/],
    "a wrong signature": [Buffer.from("PGCOPX\n"), /signature/],
    "text instead": [Buffer.from("1\t2\t3\t\\\\x00\n"), /signature/],
    "half a signature": [header().subarray(0, 5), /ends in the middle/],
    "half a header": [header().subarray(0, 15), /ends in the middle/],
    "an unknown flag": [header(0x10000), /unknown flags/],
    "the highest flag": [header(0x80000000), /unknown flags/],
    "a header without end": [header(0, Buffer.alloc(1025)), /header is too long/],
    "half an extension": [header(0, Buffer.alloc(8)).subarray(0, -1), /ends in the middle/],
    "no trailer": [Buffer.concat([header(), rowOf(CHUNK)]), /ends in the middle/],
    "half a trailer": [Buffer.concat([header(), TRAILER.subarray(0, 1)]), /ends in the middle/],
    "bytes after the trailer": [
      Buffer.concat([header(), TRAILER, Buffer.alloc(1)]),
      /follows its end/,
    ],
    "too few fields": [withRow((row) => row.writeInt16BE(3, 0)), /3 fields/],
    "too many fields": [withRow((row) => row.writeInt16BE(5, 0)), /5 fields/],
    "a negative number of fields": [withRow((row) => row.writeInt16BE(-2, 0)), /-2 fields/],
    "a short integer": [withRow((row) => row.writeInt32BE(4, 2)), /not a bigint/],
    "a missing integer": [withRow((row) => row.writeInt32BE(-1, 14)), /not a bigint/],
    "a seqno of 0": [withRow((row) => row.writeBigInt64BE(0n, 6)), /out of range/],
    "a negative view": [withRow((row) => row.writeBigInt64BE(-1n, 30)), /out of range/],
    "a seqno beyond safe integers": [
      withRow((row) => row.writeBigInt64BE(2n ** 53n, 18)),
      /out of range/,
    ],
    "missing entries": [withRow((row) => row.writeInt32BE(-1, 38)), /-1 bytes/],
    "empty entries": [withRow((row) => row.writeInt32BE(0, 38)), /0 bytes/],
    "entries beyond the limit": [
      withRow((row) => row.writeInt32BE(CHUNK_BYTES_MAX + 1, 38)),
      /bytes/,
    ],
    "entries that end early": [
      Buffer.concat([header(), rowOf(CHUNK).subarray(0, -1)]),
      /ends in the middle/,
    ],
    "a row that ends in its prefix": [
      Buffer.concat([header(), rowOf(CHUNK).subarray(0, 20)]),
      /ends in/,
    ],
  };
  for (const [name, [bytes, why]] of Object.entries(bad)) {
    it(`refuses ${name}, in one piece and byte by byte`, () => {
      for (const pieces of [[bytes], split(bytes, [1])]) {
        assert.throws(() => parse(pieces), { code: "STORE_ANSWER_MALFORMED", message: why });
      }
    });
  }

  it("never takes other bytes for rows without end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const bytes = Buffer.concat([header(), noise]);
        try {
          parse([bytes]);
        } catch (error) {
          assert.equal((error as { code?: string }).code, "STORE_ANSWER_MALFORMED");
        }
      }),
    );
  });
});

function header(flags = 0, extension: Buffer = Buffer.alloc(0)): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(flags, 0);
  numbers.writeUInt32BE(extension.length, 4);
  return Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), numbers, extension]);
}

function rowOf({ firstSeqno, lastSeqno, view, entries }: StoredChunk): Buffer {
  const prefix = Buffer.alloc(42);
  prefix.writeInt16BE(4, 0);
  for (const [index, value] of [firstSeqno, lastSeqno, view].entries()) {
    prefix.writeInt32BE(8, 2 + index * 12);
    prefix.writeBigInt64BE(BigInt(value), 6 + index * 12);
  }
  prefix.writeInt32BE(entries.length, 38);
  return Buffer.concat([prefix, entries]);
}

function withRow(change: (row: Buffer) => void): Buffer {
  const row = rowOf(CHUNK);
  change(row);
  return Buffer.concat([header(), row, TRAILER]);
}

/** Cuts into pieces of these sizes, over and over; a size of 0 is an empty piece. */
function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const steps = sizes.some((size) => size > 0) ? sizes : [bytes.length || 1];
  const pieces: Buffer[] = [];
  for (let offset = 0, index = 0; offset < bytes.length; index++) {
    const size = steps[index % steps.length] ?? 1;
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return pieces;
}

function parse(pieces: readonly Buffer[]): StoredChunk[] {
  const parser = new CopyParser();
  const chunks = pieces.flatMap((piece) => parser.push(piece));
  parser.finish();
  return chunks;
}
