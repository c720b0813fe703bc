// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { join } from "@consortium/proto";
import fc from "fast-check";
import { QUOTE_FORMATS } from "../attest.js";
import { createSnpProcessor, FIXTURES_VALID, snpFixture } from "../testing/index.js";
import { explainEvidence, type EvidenceExplanation } from "./explain-evidence.js";

const milan: join.QuoteInfo = {
  format: QUOTE_FORMATS.snp,
  quote: snpFixture("milan.report.bin"),
  endorsements: snpFixture("milan.endorsements.pem"),
  uvmEndorsements: new Uint8Array(),
  endorsedTcb: new Uint8Array(),
};
const at = FIXTURES_VALID;
const MEASUREMENT =
  "5feee30d6d7e1a29f403d70a4198237ddfb13051a2d6976439487c609388ed7f98189887920ab2fa0096903a0c23fca1";
const HOST_DATA = "4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10";

function failed({ checks }: EvidenceExplanation): string[] {
  return checks.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
}

test("a real report is explained field by field", () => {
  const explanation = explainEvidence(milan, { at });
  assert.equal(explanation.verified, true);
  const fields = new Map(explanation.fields.map((field) => [field.name, field]));
  assert.equal(fields.size, explanation.fields.length, "a name is there twice");
  assert.deepEqual(fields.get("measurement"), {
    name: "measurement",
    offset: "0x090",
    value: MEASUREMENT,
    meaning: "hash of what was launched",
  });
  assert.equal(fields.get("host_data")?.value, HOST_DATA);
  assert.equal(fields.get("policy.debug")?.value, "no");
  assert.equal(fields.get("cpuid")?.value, "00a00f11");
  assert.equal(
    fields.get("reported_tcb")?.value,
    "db18000000000004 (boot_loader 4, tee 0, snp 24, microcode 219)",
  );
  assert.deepEqual(explanation.vcek, {
    productName: "Milan-B0",
    tcb: "boot_loader 4, tee 0, snp 24, microcode 219",
  });
});

test("the certificates are named from the chip to the root", () => {
  const { certificates } = explainEvidence(milan, { at });
  assert.deepEqual(
    certificates.map(({ role, name, issuer }) => [role, name, issuer]),
    [
      ["VCEK", "SEV-VCEK", "SEV-Milan"],
      ["ASK", "SEV-Milan", "ARK-Milan"],
      ["ARK", "ARK-Milan", "ARK-Milan"],
    ],
  );
  assert.equal(certificates[0]?.validTo, "2032-01-28T16:22:58.000Z");
});

test("what was expected is compared", () => {
  const expected = {
    measurement: MEASUREMENT.toUpperCase(),
    hostData: HOST_DATA,
    reportData: "00".repeat(32),
  };
  assert.equal(explainEvidence(milan, { at, expected }).verified, true);
  const whole = { reportData: "00".repeat(64) };
  assert.equal(explainEvidence(milan, { at, expected: whole }).verified, true);
  const others = {
    measurement: "00".repeat(48),
    hostData: "00".repeat(32),
    reportData: "11".repeat(32),
  };
  assert.deepEqual(failed(explainEvidence(milan, { at, expected: others })), [
    "expected.measurement",
    "expected.host-data",
    "expected.report-data",
  ]);
});

test("endorsements of the utility VM are explained, with all that does not fit", () => {
  const quote = { ...milan, uvmEndorsements: snpFixture("uvm_0.2.9.cose") };
  const explanation = explainEvidence(quote, { at });
  assert.deepEqual(failed(explanation), ["uvm.measurement"]);
  assert.equal(explanation.uvm?.feed, "ContainerPlat-AMD-UVM");
  assert.equal(explanation.uvm.svn, "103");
  assert.equal(explanation.certificates.length, 6);
});

test("every check is run, also after one has failed", () => {
  const processor = createSnpProcessor({ product: "Turin" });
  const change = (report: Buffer): void => {
    report.writeUInt32LE(4, 0x30);
    report.writeUInt8(0x0f, 0x0a);
  };
  const quote = processor.quote(Buffer.of(1), { change });
  const explanation = explainEvidence(quote, { at });
  assert.deepEqual(failed(explanation), [
    "chain.root",
    "report.vmpl",
    "policy.debug",
    "policy.migration",
    "endorsed.product",
  ]);
  assert.equal(explanation.verified, false);
});

test("virtual evidence is read, and proves nothing", () => {
  const statement = {
    measurement: "m",
    host_data: HOST_DATA,
    report_data: Buffer.alloc(32).toString("base64"),
  };
  const quote = {
    ...milan,
    format: QUOTE_FORMATS.virtual,
    quote: Buffer.from(JSON.stringify(statement)),
  };
  const explanation = explainEvidence(quote, { expected: { hostData: HOST_DATA } });
  assert.deepEqual(failed(explanation), ["quote.signed"]);
  assert.deepEqual(
    explanation.fields.map(({ name, value }) => [name, value]),
    [
      ["measurement", "m"],
      ["host_data", HOST_DATA],
      ["report_data", "00".repeat(32)],
    ],
  );
});

test("evidence of a kind that is not known fails", () => {
  assert.deepEqual(failed(explainEvidence({ ...milan, format: "OE_SGX_v1" })), ["quote.format"]);
});

test("an explanation is plain JSON", () => {
  const quote = { ...milan, uvmEndorsements: snpFixture("ecdsa_test1.cose") };
  const explanation = explainEvidence(quote, { at });
  assert.deepEqual(JSON.parse(JSON.stringify(explanation)), explanation);
});

test("any bytes are explained without an exception", () => {
  const bytes = fc.uint8Array({ maxLength: 1300 });
  const exact = fc.uint8Array({ minLength: 1184, maxLength: 1184 });
  fc.assert(
    fc.property(fc.oneof(bytes, exact), bytes, bytes, (quote, uvmEndorsements, endorsedTcb) => {
      const evidence = { ...milan, quote, uvmEndorsements, endorsedTcb };
      assert.equal(explainEvidence(evidence, { at }).verified, false);
      const certificates = { ...milan, endorsements: uvmEndorsements };
      assert.equal(explainEvidence(certificates, { at }).verified, false);
      const virtual = { ...evidence, format: QUOTE_FORMATS.virtual };
      assert.equal(explainEvidence(virtual, { at }).verified, false);
    }),
  );
});
