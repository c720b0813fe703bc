// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { completeId, parseId } from "./ids.js";

const A = "ab12".padEnd(64, "0");
const B = "ab13".padEnd(64, "0");
const list = (): Promise<string[]> => Promise.resolve([A, B]);

test("A whole id needs no list, and is lower case", async () => {
  const never = (): Promise<string[]> => Promise.reject(new Error("asked for the list"));
  assert.equal(await completeId(A.toUpperCase(), "proposal", never), A);
  assert.equal(parseId(A.toUpperCase(), "node id"), A);
});

test("The first digits are enough when one id begins with them", async () => {
  assert.equal(await completeId("ab12", "proposal", list), A);
});

for (const [text, words] of [
  ["ab1", /nor the first 4 or more/],
  ["xyz1", /nor the first 4 or more/],
  ["ab1200001", /no proposal has an id that begins with/],
  ["0".repeat(65), /nor the first 4 or more/],
] as const) {
  test(`The id ${text.slice(0, 12)} is refused`, async () => {
    await assert.rejects(completeId(text, "proposal", list), words);
  });
}

test("That none begins so is not found, not bad input", async () => {
  await assert.rejects(completeId("ffff", "node", list), (error) =>
    isAppError(error, "NODE_NOT_FOUND"),
  );
});

test("Digits that several ids begin with are refused", async () => {
  const same = (): Promise<string[]> => Promise.resolve([A, `${A.slice(0, 63)}1`]);
  await assert.rejects(
    completeId("ab12", "proposal", same),
    /2 proposals have an id that begins with/,
  );
});

test("A proposal's arguments take no abbreviated ids", () => {
  assert.throws(
    () => parseId("ab12", "member id"),
    (error) => isAppError(error, "INVALID_INPUT"),
  );
});
