// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keyFromText, type WriteSet } from "../kv/types.js";
import { fixtureEntries } from "../verify/testing/fixtures.js";
import { decodeMaps } from "./decode-maps.js";
import { encodeMaps } from "./encode-maps.js";
import { PUBLIC_DOMAIN_OFFSET } from "./layout.js";

const u64 = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.toString("hex");
};
const text = (value: string): string => u64(value.length) + Buffer.from(value).toString("hex");
const pair = (key: string, value: string): string => text(key) + text(value);
const writes = (...maps: [string, [string, string | null][]][]): WriteSet =>
  new Map(
    maps.map(([name, keys]) => [
      name,
      new Map(
        keys.map(([key, value]) => [keyFromText(key), value === null ? null : Buffer.from(value)]),
      ),
    ]),
  );

describe("encodeMaps", () => {
  it("writes maps and keys in bytewise order, removals last", () => {
    const set = writes(
      ["public:b", [["k", "1"]]],
      [
        "public:a",
        [
          ["z", "2"],
          ["x", null],
          ["y", "3"],
          ["w", null],
        ],
      ],
    );
    const expected =
      text("public:a") +
      u64(0) +
      u64(0) +
      u64(2) +
      pair("y", "3") +
      pair("z", "2") +
      u64(2) +
      text("w") +
      text("x") +
      text("public:b") +
      u64(0) +
      u64(0) +
      u64(1) +
      pair("k", "1") +
      u64(0);
    assert.equal(Buffer.from(encodeMaps(set, "public")).toString("hex"), expected);
  });

  it("keeps a byte order mark in the name of a map, which is another map with it", () => {
    const set = writes(["\uFEFFpublic:a", [["k", "v"]]]);
    assert.deepEqual(
      [...decodeMaps(encodeMaps(set, "private"), "private").keys()],
      ["\uFEFFpublic:a"],
    );
  });

  it("keeps the domains apart by the name of the map", () => {
    const set = writes(["public:a", [["k", "1"]]], ["PUBLIC:a", [["k", "2"]]]);
    assert.deepEqual([...decodeMaps(encodeMaps(set, "public"), "public").keys()], ["public:a"]);
    assert.deepEqual([...decodeMaps(encodeMaps(set, "private"), "private").keys()], ["PUBLIC:a"]);
  });

  it("leaves out a map that nothing happened to", () => {
    assert.equal(encodeMaps(new Map([["public:a", new Map()]]), "public").length, 0);
  });

  it("writes the maps of CCF's own ledgers to the same bytes", () => {
    for (const name of ["cose_flipflop_service", "expired_service"] as const) {
      for (const { bytes, decoded } of fixtureEntries(name)) {
        const maps = encodeMaps(decoded.publicWrites, "public");
        const end = bytes.length - decoded.privateLength;
        const found = bytes.subarray(end - maps.length, end);
        assert.ok(Buffer.from(maps).equals(found), `${name} ${decoded.seqno}`);
        assert.ok(end - maps.length >= PUBLIC_DOMAIN_OFFSET + 17);
      }
    }
  });
});

describe("decodeMaps", () => {
  const writeSets = fc.array(
    fc.tuple(
      fc.string({ minLength: 1, unit: "grapheme" }).map((name) => `public:${name}`),
      fc.array(
        fc.tuple(
          fc.uint8Array({ maxLength: 40 }).map((key) => Buffer.from(key).toString("latin1")),
          fc.option(fc.uint8Array({ maxLength: 300 })),
        ),
        { minLength: 1, maxLength: 8 },
      ),
    ),
    { maxLength: 6 },
  );

  it("reads what encodeMaps wrote, whatever it was", () => {
    fc.assert(
      fc.property(writeSets, (maps) => {
        const set: WriteSet = new Map(maps.map(([name, keys]) => [name, new Map(keys)]));
        const read = decodeMaps(encodeMaps(set, "public"), "public");
        assert.equal(read.size, set.size);
        for (const [name, keys] of set) {
          const found = read.get(name);
          assert.equal(found?.size, keys.size);
          for (const [key, value] of keys) {
            const there = found?.get(key);
            assert.ok(value === null ? there === null : there && Buffer.from(value).equals(there));
          }
        }
      }),
    );
  });

  it("gives values that do not keep the chunk alive", () => {
    const bytes = Uint8Array.from(encodeMaps(writes(["public:a", [["k", "1"]]]), "public"));
    const value = decodeMaps(bytes, "public").get("public:a")?.get("k");
    assert.ok(value !== undefined && value !== null);
    assert.notEqual(value.buffer, bytes.buffer);
  });

  it("never throws anything but its own error, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeMaps(bytes, "public");
        } catch (error) {
          assert.equal((error as { code?: string }).code, "MAPS_MALFORMED");
        }
      }),
    );
  });

  const head = text("public:a") + u64(0) + u64(0);
  const bad: [what: string, hex: string][] = [
    ["a name length that is cut off", "0700"],
    ["a name length beyond the end", u64(9) + "61"],
    ["a name length of more than 32 bits", "0100000001000000" + "61"],
    ["an empty name", u64(0) + u64(0) + u64(0) + u64(0) + u64(0)],
    [
      "a name that is not UTF-8",
      u64(9) + Buffer.from("public:").toString("hex") + "c328" + u64(0) + u64(0) + u64(0) + u64(0),
    ],
    ["a private map", text("a") + u64(0) + u64(0) + u64(0) + u64(0)],
    ["a read version that is cut off", text("public:a") + "00"],
    ["reads", text("public:a") + u64(0) + u64(1) + u64(0) + u64(0)],
    ["no write count", head],
    ["a write count beyond the end", head + u64(1000) + u64(0)],
    ["a key beyond the end", head + u64(1) + u64(5) + "61" + u64(0) + u64(0)],
    ["a value beyond the end", head + u64(1) + text("k") + u64(9) + u64(0)],
    ["no removal count", head + u64(1) + pair("k", "1")],
    ["a removal count beyond the end", head + u64(0) + u64(2) + text("k")],
    ["a removed key that is cut off", head + u64(0) + u64(1) + "0100"],
    ["a key twice", head + u64(2) + pair("k", "1") + pair("k", "2") + u64(0)],
    ["keys that fall", head + u64(2) + pair("l", "1") + pair("k", "2") + u64(0)],
    ["a removed key twice", head + u64(0) + u64(2) + text("k") + text("k")],
    ["a key written and removed", head + u64(1) + pair("k", "1") + u64(1) + text("k")],
    ["a map twice", (head + u64(0) + u64(0)).repeat(2)],
    ["a rest after the maps", head + u64(0) + u64(0) + "00"],
  ];
  for (const [what, hex] of bad) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeMaps(Buffer.from(hex, "hex"), "public"), {
        code: "MAPS_MALFORMED",
      });
    });
  }
});
