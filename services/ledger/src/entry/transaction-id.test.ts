// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatTransactionId, parseTransactionId } from "./transaction-id.js";

describe("transaction ids", () => {
  it("are view and seqno in decimal", () => {
    assert.equal(formatTransactionId(2, 15), "2.15");
    assert.deepEqual(parseTransactionId("2.15"), { view: 2, seqno: 15 });
  });

  for (const text of [
    "",
    "2",
    "2.",
    ".2",
    "2.15.1",
    "02.15",
    "2.015",
    "-2.15",
    "2.1e3",
    " 2.15",
    "2.9999999999999999",
  ]) {
    it(`are not ${JSON.stringify(text)}`, () => {
      assert.equal(parseTransactionId(text), undefined);
    });
  }
});
