// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { parseTxn } from "./parse-txn.js";

test("A transaction with every kind of compare and operation is read", () => {
  const txn = parseTxn({
    compares: [
      { map: "m", key: "a", exists: true },
      { map: "m", key: { hex: "00ff" }, version: "9007199254740993" },
      { map: "m", key: "c", value: { base64: "AQI=" } },
    ],
    success: [{ put: { map: "m", key: "a", value: "ä" } }, { get: { map: "m", key: "b" } }],
    failure: [{ delete: { map: "m", key: "c" } }],
  });
  assert.deepEqual(
    txn.compares.map(({ condition }) => condition),
    [
      { $case: "exists", value: true },
      { $case: "version", value: 9_007_199_254_740_993n },
      { $case: "value", value: Buffer.from([1, 2]) },
    ],
  );
  assert.deepEqual(Buffer.from(txn.compares[1]?.key ?? []), Buffer.from([0, 255]));
  assert.deepEqual(txn.success[0]?.operation, {
    $case: "put",
    value: { map: "m", key: Buffer.from("a"), value: Buffer.from("ä") },
  });
  assert.deepEqual(txn.failure[0]?.operation, {
    $case: "delete",
    value: { map: "m", key: Buffer.from("c") },
  });
});

test("Lists that are left out are empty", () => {
  assert.deepEqual(parseTxn({}), { compares: [], success: [], failure: [] });
});

for (const [name, value, words] of [
  ["no object", [], /the transaction must be an object/],
  ["an unknown list", { otherwise: [] }, /unknown field "otherwise"/],
  ["no list", { success: {} }, /success must be a list/],
  ["no operation", { success: [{}] }, /success\[0\] needs exactly one/],
  ["two operations in one", { success: [{ get: {}, put: {} }] }, /success\[0\] needs exactly one/],
  ["an unknown operation", { success: [{ set: {} }] }, /unknown field "set"/],
  ["no map", { success: [{ get: { key: "k" } }] }, /success\[0\]\.get\.map must be a text/],
  [
    "a get with a value",
    { success: [{ get: { map: "m", key: "k", value: "v" } }] },
    /unknown field "value"/,
  ],
  [
    "a put without a value",
    { success: [{ put: { map: "m", key: "k" } }] },
    /success\[0\]\.put\.value must be/,
  ],
  ["a number as key", { success: [{ get: { map: "m", key: 1 } }] }, /\.key must be an object/],
  ["bad hex", { success: [{ get: { map: "m", key: { hex: "0g" } } }] }, /\.key is not hex/],
  ["odd hex", { success: [{ get: { map: "m", key: { hex: "000" } } }] }, /\.key is not hex/],
  ["bad base64", { success: [{ get: { map: "m", key: { base64: "a" } } }] }, /\.key is not base64/],
  [
    "two encodings",
    { success: [{ get: { map: "m", key: { hex: "00", base64: "AA==" } } }] },
    /\.key must be a text, or/,
  ],
  [
    "two conditions",
    { compares: [{ map: "m", key: "k", exists: true, version: 1 }] },
    /compares\[0\] needs exactly one/,
  ],
  ["no condition", { compares: [{ map: "m", key: "k" }] }, /compares\[0\] needs exactly one/],
  [
    "exists as text",
    { compares: [{ map: "m", key: "k", exists: "yes" }] },
    /exists must be true or false/,
  ],
  [
    "a negative version",
    { compares: [{ map: "m", key: "k", version: -1 }] },
    /version must be a seqno/,
  ],
  [
    "a broken version",
    { compares: [{ map: "m", key: "k", version: 1.5 }] },
    /version must be a seqno/,
  ],
] as const) {
  test(`A transaction with ${name} is refused, naming the place`, () => {
    assert.throws(
      () => parseTxn(value),
      (error) => {
        assert.ok(isAppError(error, "INVALID_INPUT"));
        assert.match(error.message, words);
        return true;
      },
    );
  });
}
