// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MapsDecoder } from "./decode-maps.js";

const SEQNO = 50;

/** Numbers are 64 bits little-endian, texts and bytes are themselves. */
function bytesOf(...parts: (number | bigint | string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === "string") return Buffer.from(part, "latin1");
      if (part instanceof Uint8Array) return part;
      const number = Buffer.alloc(8);
      number.writeBigInt64LE(BigInt.asIntN(64, BigInt(part)));
      return number;
    }),
  );
}

function record(key: string, value: string, version: number | bigint): Buffer {
  const pad = (length: number): string => "\0".repeat(-length & 7);
  return bytesOf(
    key.length,
    key,
    pad(key.length),
    value.length + 8,
    version,
    value,
    pad(value.length),
  );
}

function map(name: string, version: number, ...records: Uint8Array[]): Buffer {
  const blob = Buffer.concat(records);
  return bytesOf(name.length, name, version, blob.length, blob);
}

/** Decodes in windows that grow by `step` when nothing whole is in them. */
function decode(bytes: Buffer, step = bytes.length || 1, length = bytes.length): string[] {
  const found: string[] = [];
  const keys = new Set<string>();
  let name = "";
  const decoder = new MapsDecoder("public", length, SEQNO, {
    startMap: (started, version) => {
      found.push(`${(name = started)}@${version}`);
    },
    set: (key, value, version) => {
      found.push(`${key}=${Buffer.from(value).toString()}@${version}`);
      return keys.size < keys.add(`${name}/${key}`).size;
    },
  });
  let at = 0;
  for (let size = step; !decoder.isDone;) {
    const taken = decoder.push(bytes.subarray(at, at + size));
    if (taken === 0 && at + size >= bytes.length) throw new Error("starved");
    size = taken === 0 ? size + step : step;
    at += taken;
  }
  assert.equal(at, bytes.length);
  return found;
}

describe("the maps of a snapshot", () => {
  const maps = [
    map("public:a", 7, record("k", "v", 3), record("longer key", "", 7)),
    map("public:b", 9),
    map("public:c", 50, record("12345678", "12345678", 50)),
  ];
  const good = Buffer.concat(maps);

  it("are read whole and in pieces of any size", () => {
    const expected = ["public:a@7", "k=v@3", "longer key=@7", "public:b@9", "public:c@50"];
    for (let step = 1; step <= good.length; step += 1) {
      assert.deepEqual(decode(good, step), [...expected, "12345678=12345678@50"]);
    }
    assert.deepEqual(decode(Buffer.alloc(0)), []);
  });

  it("leave out keys that old versions of CCF kept as removed", () => {
    const bytes = map("public:a", 7, record("gone", "", -5n), record("k", "v", 3));
    assert.deepEqual(decode(bytes), ["public:a@7", "k=v@3"]);
  });

  it("are refused when they are cut off anywhere", () => {
    const ends = maps.map((_, at) => Buffer.concat(maps.slice(0, at)).length);
    for (let end = 0; end < good.length; end += 1) {
      const cut = good.subarray(0, end);
      if (ends.includes(end)) decode(cut);
      else assert.throws(() => decode(cut), { code: "SNAPSHOT_MALFORMED" }, `${end}`);
    }
  });

  const huge = 2n ** 53n - 1n;
  const bad: [what: string, bytes: Buffer][] = [
    ["a map without a name", map("", 7)],
    ["a name that is not UTF-8", map("public:\xff", 7)],
    ["a private map", map("records", 7)],
    ["a map twice", Buffer.concat([map("public:a", 7), map("public:a", 7)])],
    ["maps out of order", Buffer.concat([map("public:b", 7), map("public:a", 7)])],
    ["a map from after the snapshot", map("public:a", SEQNO + 1)],
    ["a value from after the snapshot", map("public:a", 7, record("k", "v", SEQNO + 1))],
    ["a value from before the ledger", map("public:a", 7, record("k", "v", 0))],
    ["a key twice", map("public:a", 7, record("k", "v", 3), record("k", "w", 4))],
    ["a name longer than the rest", bytesOf(9, "public:a", 7, 0)],
    ["a name of no sensible length", bytesOf(huge, "public:a", 7, 0)],
    ["a name whose length is negative", bytesOf(-1n, "public:a", 7, 0)],
    ["a map longer than the rest", bytesOf(8, "public:a", 7, 8)],
    ["a map of no sensible length", bytesOf(8, "public:a", 7, -8n, record("k", "v", 3))],
    ["a map of a length that is not padded", bytesOf(8, "public:a", 7, 1, "x")],
    ["a key longer than its map", map("public:a", 7, bytesOf(8, "k"))],
    ["a key of no sensible length", map("public:a", 7, bytesOf(huge, 0, 0))],
    ["a key whose length is negative", map("public:a", 7, bytesOf(-1n, 0, 0))],
    ["a key without a value", map("public:a", 7, bytesOf(1, "k\0\0\0\0\0\0\0"))],
    ["a value without a version", map("public:a", 7, bytesOf(0, 0, 0))],
    ["a value with half a version", map("public:a", 7, bytesOf(0, 4, 0))],
    ["a value longer than its map", map("public:a", 7, bytesOf(0, 9, 3))],
    ["a value of no sensible length", map("public:a", 7, bytesOf(0, huge, 3))],
    ["a value whose length is negative", map("public:a", 7, bytesOf(0, -1n, 3))],
    ["padding after a key", map("public:a", 7, bytesOf(1, "k\0\0\0\0\0\0x", 8, 3))],
    ["padding after a value", map("public:a", 7, bytesOf(0, 9, 3, "v\0\0\0\0\0\0x"))],
  ];
  for (const [what, bytes] of bad) {
    it(`are refused with ${what}`, () => {
      for (const step of [1, 8, bytes.length]) {
        assert.throws(() => decode(bytes, step), { code: "SNAPSHOT_MALFORMED" });
      }
    });
  }
});
