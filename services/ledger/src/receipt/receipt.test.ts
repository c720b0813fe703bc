// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { fixtureEntries, fixturePath, fixtureServiceCert } from "../verify/testing/fixtures.js";
import { createTestNode, createTestService } from "../verify/testing/identities.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { buildReceipt, type ReceiptSource } from "./build-receipt.js";
import type { JsonReceipt } from "./json-receipt.js";
import { verifyReceipt } from "./verify-receipt.js";

const claims = new Uint8Array(32).fill(6);
const ledger = LedgerBuilder.create();
ledger.sign();
for (let count = 0; count < 5; count += 1) ledger.append(writeText("records", `k${count}`, "v"));
const claimed = ledger.append(writeText("records", "claimed", "v"), { claimsDigest: claims });
ledger.append(writeText("public:records", "k", "v"));
ledger.sign();
ledger.append(writeText("records", "late", "v"));
ledger.sign();
const { certPem } = ledger.service;

/** What a receipt of this transaction is made of. */
function source(seqno: number): ReceiptSource {
  const covering = ledger.entries.find(
    (entry) => entry.isSignature && entry.seqno > seqno - (isSignature(seqno) ? 1 : 0),
  );
  return {
    entry: ledger.entries[seqno - 1]?.bytes ?? assert.fail(),
    signatureEntry: covering?.bytes ?? assert.fail(),
    commitEvidence: ledger.commitEvidence(seqno),
  };
}

function isSignature(seqno: number): boolean {
  return ledger.entries[seqno - 1]?.isSignature ?? false;
}

const receipt = buildReceipt(source(claimed.seqno));

describe("a JSON receipt", () => {
  it("is given for every transaction and verifies with the service certificate alone", () => {
    for (const { seqno, transactionId } of ledger.entries) {
      const text = JSON.stringify(buildReceipt(source(seqno)));
      const verified = verifyReceipt(text, certPem);
      assert.equal(verified.transactionId, isSignature(seqno) ? undefined : transactionId);
      assert.equal(verified.signer, ledger.node.nodeId);
    }
  });

  it("is the one that CCF made for the same transaction", () => {
    const text = readFileSync(fixturePath("expired_service", "receipt_4.62.json"), "utf8");
    const theirs = JSON.parse(text) as JsonReceipt;
    const entries = fixtureEntries("expired_service");
    const ours = buildReceipt({
      entry: entries[61]?.bytes ?? assert.fail(),
      signatureEntry: entries[62]?.bytes ?? assert.fail(),
      commitEvidence: theirs.leaf_components?.commit_evidence ?? assert.fail(),
    });
    assert.deepEqual(ours, theirs);
    assert.equal(verifyReceipt(text, fixtureServiceCert("expired_service")).transactionId, "4.62");
  });

  it("of a signature transaction has its root as leaf and no proof", () => {
    const signature = buildReceipt(source(2));
    assert.equal(signature.leaf_components, undefined);
    assert.equal(signature.leaf?.length, 64);
    assert.deepEqual(signature.proof, []);
  });

  it("carries the claims, which the verifier can insist on", () => {
    assert.deepEqual(
      verifyReceipt(receipt, certPem, { claimsDigest: claims }).claimsDigest,
      Buffer.from(claims),
    );
    assert.throws(() => verifyReceipt(receipt, certPem, { claimsDigest: new Uint8Array(32) }), {
      code: "RECEIPT_CLAIMS_MISMATCH",
    });
    assert.throws(() => verifyReceipt(buildReceipt(source(2)), certPem, { claimsDigest: claims }), {
      code: "RECEIPT_CLAIMS_MISMATCH",
    });
  });

  it("does not verify with another service's certificate", () => {
    assert.throws(() => verifyReceipt(receipt, createTestService("Secp256R1").certPem), {
      code: "RECEIPT_CERTIFICATE_UNTRUSTED",
    });
  });

  it("does not verify when any digit of it is another", () => {
    const text = JSON.stringify(receipt);
    for (let at = 0; at < text.length; at += 1) {
      const digit = text[at] ?? "";
      if (!/[0-9A-Za-z]/.test(digit)) continue;
      const other = digit === "0" ? "1" : digit === "a" ? "b" : /[0-9]/.test(digit) ? "0" : "a";
      const altered = text.slice(0, at) + other + text.slice(at + 1);
      assert.throws(
        () => verifyReceipt(altered, certPem),
        (error) => isAppError(error),
        `at ${at}: ${altered.slice(at - 10, at + 10)}`,
      );
    }
  });

  const { leaf_components: components, ...rest } = receipt;
  const node = createTestNode(createTestService("Secp256R1"), "Secp256R1");
  const bad: [what: string, receipt: unknown, code: string][] = [
    ["text that is not JSON", "{", "RECEIPT_MALFORMED"],
    ["nothing", undefined, "RECEIPT_MALFORMED"],
    ["a list", [], "RECEIPT_MALFORMED"],
    ["no leaf", rest, "RECEIPT_MALFORMED"],
    ["a leaf beside its components", { ...receipt, leaf: "00".repeat(32) }, "RECEIPT_MALFORMED"],
    ["no signature", { ...receipt, signature: undefined }, "RECEIPT_MALFORMED"],
    ["a signature that is not base64", { ...receipt, signature: "!" }, "RECEIPT_MALFORMED"],
    [
      "a step with two sides",
      { ...receipt, proof: [{ left: "00".repeat(32), right: "00".repeat(32) }] },
      "RECEIPT_MALFORMED",
    ],
    ["a step of another size", { ...receipt, proof: [{ left: "00" }] }, "RECEIPT_MALFORMED"],
    [
      "an endless proof",
      { ...receipt, proof: Array(65).fill({ left: "00".repeat(32) }) },
      "RECEIPT_MALFORMED",
    ],
    [
      "a certificate that is none",
      { ...receipt, cert: "-----BEGIN CERTIFICATE-----\n" },
      "RECEIPT_MALFORMED",
    ],
    [
      "evidence that names no transaction",
      { ...receipt, leaf_components: { ...components, commit_evidence: "x" } },
      "RECEIPT_SIGNATURE_INVALID",
    ],
    ["a missing step", { ...receipt, proof: receipt.proof.slice(1) }, "RECEIPT_SIGNATURE_INVALID"],
    [
      "other claims",
      { ...receipt, leaf_components: { ...components, claims_digest: "00".repeat(32) } },
      "RECEIPT_SIGNATURE_INVALID",
    ],
    [
      "another signature",
      { ...receipt, signature: buildReceipt(source(9)).signature.replace(/^..../, "AAAA") },
      "RECEIPT_SIGNATURE_INVALID",
    ],
    ["another node's id", { ...receipt, node_id: node.nodeId }, "RECEIPT_NODE_MISMATCH"],
    [
      "another node's certificate",
      { ...receipt, node_id: node.nodeId, cert: node.certPem },
      "RECEIPT_CERTIFICATE_UNTRUSTED",
    ],
    [
      "an endorsement that does not lead on",
      { ...receipt, service_endorsements: [createTestService("Secp256R1").certPem] },
      "RECEIPT_CERTIFICATE_UNTRUSTED",
    ],
  ];
  for (const [what, altered, code] of bad) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => verifyReceipt(altered, certPem), { code });
    });
  }
});

describe("buildReceipt", () => {
  it("says when a signature does not cover the transaction", () => {
    const later = ledger.lastSeqno - 1;
    const early = { ...source(later), signatureEntry: source(3).signatureEntry };
    assert.throws(() => buildReceipt(early), { code: "RECEIPT_NOT_READY" });
    const late = { ...source(3), signatureEntry: source(later).signatureEntry };
    assert.throws(() => buildReceipt(late), { code: "RECEIPT_NOT_READY" });
  });

  it("refuses evidence of another transaction", () => {
    const wrong = { ...source(3), commitEvidence: ledger.commitEvidence(4) };
    assert.throws(() => buildReceipt(wrong), { code: "RECEIPT_MALFORMED" });
    const { commitEvidence: _evidence, ...without } = source(3);
    assert.throws(() => buildReceipt(without), { code: "RECEIPT_MALFORMED" });
  });

  it("refuses an entry that is not under the root", () => {
    using other = LedgerBuilder.create();
    other.sign();
    other.append(writeText("records", "k0", "another value"));
    const entry = other.entries[2]?.bytes ?? assert.fail();
    assert.throws(() => buildReceipt({ ...source(3), entry }), { code: "RECEIPT_MALFORMED" });
  });

  it("has none to give where only the service signs", () => {
    using cose = LedgerBuilder.create({ nodeSignatures: false });
    const signature = cose.sign();
    const [entry] = cose.entries;
    const parts = {
      entry: entry?.bytes ?? assert.fail(),
      signatureEntry: signature.bytes,
      commitEvidence: cose.commitEvidence(1),
    };
    assert.throws(() => buildReceipt(parts), { code: "RECEIPT_NOT_AVAILABLE" });
  });
});
