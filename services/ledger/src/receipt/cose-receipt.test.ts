// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coseSign1Parse } from "@consortium/crypto-wasm";
import { isAppError } from "@consortium/kit/errors";
import { encode } from "cborg";
import { SINGLETON_KEY } from "../kv/types.js";
import { decodeMap, encodeMap } from "../signature/cose-header.js";
import { decodeEntry } from "../entry/decode-entry.js";
import * as internal from "../tables/internal-rows.js";
import { decodeBase64 } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { fixtureEntries, fixtureServiceCert } from "../verify/testing/fixtures.js";
import { createTestService } from "../verify/testing/identities.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { buildCoseReceipt } from "./build-cose-receipt.js";
import { verifyCoseReceipt } from "./verify-cose-receipt.js";

const claims = new Uint8Array(32).fill(6);
const ledger = LedgerBuilder.create();
ledger.sign();
const first = ledger.append(writeText("records", "k", "v"), { claimsDigest: claims });
ledger.append(writeText("records", "l", "v"));
const signature = ledger.sign();
const { certPem, keyId } = ledger.service;

function receiptOf(seqno: number): Uint8Array {
  const entry = ledger.entries[seqno - 1]?.bytes ?? assert.fail();
  return buildCoseReceipt({
    entry,
    signatureEntry: signature.bytes,
    commitEvidence: ledger.commitEvidence(seqno),
  });
}

const receipt = receiptOf(first.seqno);

describe("a COSE receipt", () => {
  it("verifies with the service certificate alone and tells transaction and claims", () => {
    const verified = verifyCoseReceipt(receipt, certPem, { claimsDigest: claims });
    assert.equal(verified.transactionId, first.transactionId);
    assert.equal(verified.signer, keyId);
    assert.deepEqual(verified.claimsDigest, claims);
  });

  it("is the service's signature with the proof beside it", () => {
    const { protectedHeader, payload } = coseSign1Parse(receipt);
    const row = decodeEntry(signature.bytes)
      .publicWrites.get(TABLES.coseSignatures)
      ?.get(SINGLETON_KEY);
    const written = decodeBase64(internal.coseSignatures.decode(row ?? new Uint8Array()));
    const original = coseSign1Parse(written ?? new Uint8Array());
    assert.deepEqual(protectedHeader, original.protectedHeader);
    assert.equal(payload, null);
  });

  it("can be made of what CCF wrote", () => {
    const entries = fixtureEntries("expired_service");
    const cose = buildCoseReceipt({
      entry: entries[61]?.bytes ?? assert.fail(),
      signatureEntry: entries[62]?.bytes ?? assert.fail(),
      commitEvidence: "ce:4.62:b7c7ba57d556a6b09e7185349c34a62e4d2fc354eaf486860b66c05e363df3e0",
    });
    assert.equal(
      verifyCoseReceipt(cose, fixtureServiceCert("expired_service")).transactionId,
      "4.62",
    );
  });

  it("does not verify when any byte of it is another", () => {
    for (let at = 0; at < receipt.length; at += 1) {
      const altered = Uint8Array.from(receipt);
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      assert.throws(
        () => verifyCoseReceipt(altered, certPem),
        (error) => isAppError(error),
        `at ${at}`,
      );
    }
  });

  it("is not given for signature transactions, nor where only nodes sign", () => {
    const own = {
      entry: ledger.entries[1]?.bytes ?? assert.fail(),
      signatureEntry: signature.bytes,
      commitEvidence: ledger.commitEvidence(2),
    };
    assert.throws(() => buildCoseReceipt(own), { code: "RECEIPT_NOT_AVAILABLE" });
    using nodesOnly = LedgerBuilder.create({ serviceSignatures: false });
    const { bytes } = nodesOnly.sign();
    const entry = nodesOnly.entries[0]?.bytes ?? assert.fail();
    assert.throws(
      () =>
        buildCoseReceipt({
          entry,
          signatureEntry: bytes,
          commitEvidence: nodesOnly.commitEvidence(1),
        }),
      {
        code: "RECEIPT_NOT_AVAILABLE",
      },
    );
  });

  /** The receipt with another unprotected header. */
  function withProofs(header: Uint8Array): Uint8Array {
    const message = coseSign1Parse(receipt);
    return Buffer.concat([
      Uint8Array.of(0xd2, 0x84),
      encode(message.protectedHeader),
      header,
      Uint8Array.of(0xf6),
      encode(message.signature),
    ]);
  }
  const proof = (...members: [number, unknown][]): Uint8Array =>
    withProofs(encodeMap([[396, new Map([[-1, [encodeMap(members)]]])]]));
  const hash = new Uint8Array(32);
  const leaf: [number, unknown] = [1, [hash, ledger.commitEvidence(3), hash]];
  const bad: [what: string, receipt: Uint8Array, code: string][] = [
    ["nothing", new Uint8Array(), "RECEIPT_MALFORMED"],
    ["no COSE", Buffer.from("{}"), "RECEIPT_MALFORMED"],
    ["no proofs", withProofs(Uint8Array.of(0xa0)), "RECEIPT_MALFORMED"],
    [
      "an empty list of proofs",
      withProofs(encodeMap([[396, new Map([[-1, []]])]])),
      "RECEIPT_MALFORMED",
    ],
    [
      "a proof that is text",
      withProofs(encodeMap([[396, new Map([[-1, ["proof"]]])]])),
      "RECEIPT_MALFORMED",
    ],
    [
      "a proof that is not CBOR",
      withProofs(encodeMap([[396, new Map([[-1, [Uint8Array.of(0xff)]]])]])),
      "RECEIPT_MALFORMED",
    ],
    ["a proof without leaf", proof([2, []]), "RECEIPT_MALFORMED"],
    ["a proof without path", proof(leaf), "RECEIPT_MALFORMED"],
    ["a leaf of two parts", proof([1, [hash, "ce:2.3:"]], [2, []]), "RECEIPT_MALFORMED"],
    ["evidence of another form", proof([1, [hash, "x", hash]], [2, []]), "RECEIPT_MALFORMED"],
    ["evidence that is bytes", proof([1, [hash, hash, hash]], [2, []]), "RECEIPT_MALFORMED"],
    [
      "a digest of another size",
      proof([1, [hash.subarray(1), ledger.commitEvidence(3), hash]], [2, []]),
      "RECEIPT_MALFORMED",
    ],
    ["a step without side", proof(leaf, [2, [[hash]]]), "RECEIPT_MALFORMED"],
    ["a step of another size", proof(leaf, [2, [[true, hash.subarray(1)]]]), "RECEIPT_MALFORMED"],
    ["an endless path", proof(leaf, [2, Array(65).fill([true, hash])]), "RECEIPT_MALFORMED"],
    ["another leaf", proof(leaf, [2, []]), "RECEIPT_SIGNATURE_INVALID"],
  ];
  for (const [what, altered, code] of bad) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => verifyCoseReceipt(altered, certPem), { code });
    });
  }

  it("is refused with claims other than expected", () => {
    assert.throws(() => verifyCoseReceipt(receipt, certPem, { claimsDigest: hash }), {
      code: "RECEIPT_CLAIMS_MISMATCH",
    });
  });

  it("is refused by another service", () => {
    assert.throws(() => verifyCoseReceipt(receipt, createTestService("Secp256R1").certPem), {
      code: "RECEIPT_SERVICE_MISMATCH",
    });
  });

  it("holds no more than one map of proofs", () => {
    assert.equal(decodeMap(coseSign1Parse(receipt).unprotectedHeader).size, 1);
  });
});

describe("a COSE receipt from before a recovery", () => {
  const recovered = LedgerBuilder.create();
  recovered.open();
  const covering = recovered.sign();
  const old = buildCoseReceipt({
    entry: recovered.entries[0]?.bytes ?? assert.fail(),
    signatureEntry: covering.bytes,
    commitEvidence: recovered.commitEvidence(1),
  });
  recovered.recover();
  recovered.sign();
  recovered.append(recovered.statusWrites("WaitingForRecoveryShares"));
  const opened = recovered.open();
  const late = recovered.sign();
  const row = decodeEntry(opened.bytes)
    .publicWrites.get(TABLES.previousServiceIdentityEndorsement)
    ?.get(SINGLETON_KEY);
  const endorsement = decodeBase64(
    internal.previousServiceIdentityEndorsement.decode(row ?? new Uint8Array()).endorsement,
  );
  const endorsements = [endorsement ?? assert.fail()];
  const newCert = recovered.service.certPem;

  it("verifies with today's certificate and the endorsement of the former key", () => {
    assert.equal(verifyCoseReceipt(old, newCert, { endorsements }).transactionId, "2.1");
  });

  it("does not verify without the endorsement", () => {
    assert.throws(() => verifyCoseReceipt(old, newCert), { code: "RECEIPT_SERVICE_MISMATCH" });
  });

  it("does not verify with an endorsement that another key signed", () => {
    assert.throws(
      () => verifyCoseReceipt(old, createTestService("Secp256R1").certPem, { endorsements }),
      {
        code: "IDENTITY_ENDORSEMENT_INVALID",
      },
    );
  });

  it("leaves receipts of today's key as they are", () => {
    const today = buildCoseReceipt({
      entry: opened.bytes,
      signatureEntry: late.bytes,
      commitEvidence: recovered.commitEvidence(opened.seqno),
    });
    assert.equal(
      verifyCoseReceipt(today, newCert, { endorsements }).transactionId,
      opened.transactionId,
    );
  });
});
