// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, mutateCbor, readCbor } from "@consortium/crypto-wasm/testing";
import { isAppError } from "@consortium/kit/errors";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { buildCoseReceipt } from "./build-cose-receipt.js";
import { verifyCoseReceipt } from "./verify-cose-receipt.js";

test("a changed COSE receipt is refused, or says what the whole one says", async (t) => {
  const ledger = LedgerBuilder.create();
  ledger.sign();
  const { bytes, seqno, transactionId } = ledger.append(writeText("records", "k", "v"));
  const signatureEntry = ledger.sign().bytes;
  const commitEvidence = ledger.commitEvidence(seqno);
  const receipt = readCbor(buildCoseReceipt({ entry: bytes, signatureEntry, commitEvidence }));
  const { certPem } = ledger.service;
  const outcomes = await fuzz(t, { cases: 100_000 }, (random) => {
    try {
      const verified = verifyCoseReceipt(mutateCbor(receipt, random), certPem);
      assert.equal(verified.transactionId, transactionId);
      return "verified";
    } catch (error) {
      if (isAppError(error)) return error.code;
      throw error;
    }
  });
  for (const code of ["RECEIPT_MALFORMED", "RECEIPT_SIGNATURE_INVALID"])
    assert.ok((outcomes.get(code) ?? 0) > 0, code);
});
