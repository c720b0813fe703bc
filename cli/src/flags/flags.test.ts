// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { parseDurationMs } from "./common.js";
import { parseClaimsDigest } from "./kv.js";
import { parseTransactionId } from "./transaction.js";

test("Durations have units, and a bare number is seconds", () => {
  const cases = {
    "500ms": 500,
    "10s": 10_000,
    "1.5s": 1500,
    "2m": 120_000,
    "1h": 3_600_000,
    "3": 3000,
  };
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseDurationMs(text), ms, text);
});

for (const text of ["", "0", "-1s", "1d", "s", "1 s", "1e3"]) {
  test(`The duration ${JSON.stringify(text)} is refused`, () => {
    assert.throws(
      () => parseDurationMs(text),
      (error) => isAppError(error, "INVALID_INPUT"),
    );
  });
}

for (const text of [
  "",
  "2",
  "2.",
  ".2",
  "0.1",
  "2.0",
  "2.17.3",
  "-2.1",
  "2,17",
  "a.b",
  "2.99999999999999999",
]) {
  test(`The transaction id ${JSON.stringify(text)} is refused`, () => {
    assert.throws(
      () => parseTransactionId(text),
      (error) => isAppError(error, "INVALID_INPUT"),
    );
  });
}

test("A transaction id is view and seqno", () => {
  assert.equal(parseTransactionId("2.17"), "2.17");
});

test("A claims digest is 32 bytes in hex, or absent", () => {
  assert.equal(parseClaimsDigest(undefined).length, 0);
  assert.equal(parseClaimsDigest("ab".repeat(32)).length, 32);
  assert.throws(
    () => parseClaimsDigest("ab"),
    (error) => isAppError(error, "INVALID_INPUT"),
  );
});
