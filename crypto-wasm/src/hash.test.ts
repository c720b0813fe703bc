// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { hkdfSha256, hmacSha256, sha256 } from "./index.js";
import { bytes, hex, toHex, utf8 } from "./test-bytes.js";

test("SHA-256 gives the digests of FIPS 180-4", () => {
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(toHex(sha256(new Uint8Array())), empty);
  assert.equal(toHex(sha256(utf8("abc"))), abc);
});

test("SHA-256 agrees with node:crypto on both sides of the hand-over", () => {
  fc.assert(
    fc.property(bytes(0, 3000), (data) => {
      assert.equal(toHex(sha256(data)), createHash("sha256").update(data).digest("hex"));
    }),
  );
});

test("HMAC-SHA-256 gives the codes of RFC 4231", () => {
  const cases: [string, string, string][] = [
    [
      "0b".repeat(20),
      toHex(utf8("Hi There")),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      toHex(utf8("Jefe")),
      toHex(utf8("what do ya want for nothing?")),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      "aa".repeat(131),
      toHex(utf8("Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ];
  for (const [key, data, code] of cases) assert.equal(toHex(hmacSha256(hex(key), hex(data))), code);
});

test("HMAC-SHA-256 agrees with node:crypto", () => {
  fc.assert(
    fc.property(bytes(0, 200), bytes(0, 300), (key, data) => {
      const expected = createHmac("sha256", key).update(data).digest("hex");
      assert.equal(toHex(hmacSha256(key, data)), expected);
    }),
  );
});

test("HKDF-SHA-256 gives the keys of RFC 5869", () => {
  const first = hkdfSha256(
    hex("0b".repeat(22)),
    hex("000102030405060708090a0b0c"),
    hex("f0f1f2f3f4f5f6f7f8f9"),
    42,
  );
  const third = hkdfSha256(hex("0b".repeat(22)), new Uint8Array(), new Uint8Array(), 42);
  assert.equal(
    toHex(first),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  );
  assert.equal(
    toHex(third),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  );
});

test("HKDF-SHA-256 agrees with node:crypto", () => {
  const length = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(bytes(0, 80), bytes(0, 80), bytes(0, 80), length, (ikm, salt, info, size) => {
      const expected = Buffer.from(hkdfSync("sha256", ikm, salt, info, size)).toString("hex");
      assert.equal(toHex(hkdfSha256(ikm, salt, info, size)), expected);
    }),
  );
});

test("hashes refuse arguments of another kind or size", () => {
  const none = new Uint8Array();
  assert.throws(() => sha256("text" as unknown as Uint8Array), TypeError);
  assert.throws(() => hmacSha256(none, undefined as unknown as Uint8Array), TypeError);
  assert.throws(() => hkdfSha256(none, none, none, 255 * 32 + 1), RangeError);
  assert.throws(() => hkdfSha256(none, none, none, -1), RangeError);
  assert.throws(() => hkdfSha256(none, none, none, 1.5), RangeError);
  assert.throws(() => hkdfSha256(none, none, none, "1" as unknown as number), TypeError);
});
