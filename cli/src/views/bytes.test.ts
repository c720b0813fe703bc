// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBytes, encodeBytes, showBytes } from "./bytes.js";

test("Printable UTF-8 is shown as text, everything else in base64 or hex", () => {
  assert.deepEqual(encodeBytes(Buffer.from("grüße\n")), { text: "grüße\n", encoding: "utf8" });
  assert.deepEqual(encodeBytes(Buffer.from([0xff, 0x00])), { text: "/wA=", encoding: "base64" });
  assert.equal(showBytes(Buffer.from([0x1b, 0x5b])), "0x1b5b");
});

test("An encoding that was asked for is used", () => {
  assert.deepEqual(encodeBytes(Buffer.from("a"), "hex"), { text: "61", encoding: "hex" });
});

test("Decoding is strict", () => {
  assert.equal(decodeBytes("0g", "hex"), undefined);
  assert.equal(decodeBytes("abc", "hex"), undefined);
  assert.equal(decodeBytes("a", "base64"), undefined);
  assert.equal(decodeBytes("A*==", "base64"), undefined);
  assert.deepEqual(decodeBytes("AQI=", "base64"), Buffer.from([1, 2]));
  assert.deepEqual(decodeBytes("_-8", "base64"), Buffer.from([0xff, 0xef]));
});
