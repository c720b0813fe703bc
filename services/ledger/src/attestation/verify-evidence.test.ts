// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { generateEcKeyPem, publicKeySpki } from "@consortium/kit/x509";
import type { join } from "@consortium/proto";
import { TABLES } from "../tables/index.js";
import { QUOTE_FORMATS } from "./attest.js";
import { REFUSALS } from "./policy/refusal.js";
import {
  createSnpProcessor,
  FIXTURES_VALID,
  policyState,
  type PolicyTables,
  refusalOf,
  snpFixture,
} from "./testing/index.js";
import { verifyEvidence, type VerifiedEvidence } from "./verify-evidence.js";

const AT = new Date("2026-01-01T00:00:00Z");
const publicKey = publicKeySpki(generateEcKeyPem());
const otherKey = publicKeySpki(generateEcKeyPem());
const MEASUREMENT = "aa".repeat(48);
const HOST_DATA = "bb".repeat(32);
const MILAN = "00a00f11";
const TCB = { hexstring: "db18000000000004", boot_loader: 4, tee: 0, snp: 24, microcode: 219 };

const processor = createSnpProcessor();
const trust = { roots: processor.roots, at: AT };

const SNP_POLICY: PolicyTables = {
  [TABLES.nodesSnpHostData]: { [HOST_DATA]: "package policy" },
  [TABLES.nodesSnpMeasurements]: { [MEASUREMENT]: "AllowedToJoin" },
  [TABLES.nodesSnpTcbVersions]: { [MILAN]: TCB },
};

function snpRefusal(
  quote: join.QuoteInfo,
  tables: PolicyTables,
  key: Uint8Array = publicKey,
): ReturnType<typeof refusalOf> {
  return refusalOf(() => verifyEvidence(quote, key, policyState(tables), trust));
}

test("a node on SEV-SNP that satisfies the policy is accepted", () => {
  const evidence = verifyEvidence(
    processor.quote(publicKey),
    publicKey,
    policyState(SNP_POLICY),
    trust,
  );
  assert.equal(evidence.format, QUOTE_FORMATS.snp);
  assert.equal(evidence.measurement, MEASUREMENT);
  assert.equal(evidence.codeDigest, MEASUREMENT);
  assert.equal(evidence.hostData, HOST_DATA);
  assert.equal(evidence.insecure, false);
});

test("the checks of a join come in their order: the first that fails is named", () => {
  const broken = processor.quote(otherKey);
  broken.quote[0x100] = (broken.quote[0x100] ?? 0) ^ 1;
  const sound = processor.quote(otherKey);
  const growing: PolicyTables[] = [{}];
  for (const table of [
    TABLES.nodesSnpHostData,
    TABLES.nodesSnpMeasurements,
    TABLES.nodesSnpTcbVersions,
  ]) {
    growing.push({ ...growing.at(-1), [table]: SNP_POLICY[table] ?? {} });
  }
  const [nothing = {}, host = {}, measured = {}, all = {}] = growing;
  assert.equal(snpRefusal(broken, nothing).message, "Quote could not be verified");
  assert.equal(snpRefusal(sound, nothing).message, "Quote host data is not authorised");
  assert.equal(snpRefusal(sound, host).message, "Quote does not contain known enclave measurement");
  assert.equal(snpRefusal(sound, measured).message, "Quote CPUID is unknown");
  const low = { ...measured, [TABLES.nodesSnpTcbVersions]: { [MILAN]: { ...TCB, snp: 25 } } };
  assert.equal(snpRefusal(sound, low).message, "Quote TCB version is too low");
  assert.equal(
    snpRefusal(sound, all).message,
    "Quote report data does not match the hash of the public key for this node",
  );
});

test("a refusal names what was found", () => {
  const quote = processor.quote(otherKey);
  assert.deepEqual(snpRefusal({ ...quote, quote: quote.quote.subarray(1) }, {}).details, {
    check: "report.format",
    rule: "the report has 1184 bytes",
    found: "a report of SEV-SNP has 1184 bytes, this has 1183",
  });
  assert.deepEqual(snpRefusal(quote, {}).details, {
    host_data: HOST_DATA,
    table: TABLES.nodesSnpHostData,
  });
  const low = { ...SNP_POLICY, [TABLES.nodesSnpTcbVersions]: { [MILAN]: { ...TCB, snp: 25 } } };
  assert.deepEqual(snpRefusal(quote, low).details, {
    cpuid: MILAN,
    reported_tcb: "boot_loader 4, tee 0, snp 24, microcode 219",
    minimum_tcb: "boot_loader 4, tee 0, snp 25, microcode 219",
  });
  const digest = (key: Uint8Array): string => createHash("sha256").update(key).digest("hex");
  assert.deepEqual(snpRefusal(quote, SNP_POLICY).details, {
    report_data: digest(otherKey),
    expected: digest(publicKey),
  });
});

test("certificates that have run out, or lead elsewhere, do not verify a quote", () => {
  const quote = processor.quote(publicKey);
  const kv = policyState(SNP_POLICY);
  const late = { ...trust, at: new Date("2033-01-01T00:00:00Z") };
  const expired = refusalOf(() => verifyEvidence(quote, publicKey, kv, late));
  assert.equal(expired.message, "Quote could not be verified");
  assert.equal(expired.details["check"], "chain.dates");
  const foreign = refusalOf(() => verifyEvidence(quote, publicKey, kv, { at: AT }));
  assert.equal(foreign.details["check"], "chain.root");
});

const TCB_CASES: readonly [string, unknown, boolean][] = [
  ["the same", TCB, true],
  ["the parts without the hex text", { boot_loader: 4, tee: 0, snp: 24, microcode: 219 }, true],
  ["hex text that says something else", { ...TCB, hexstring: "ffffffffffffffff" }, true],
  ["a lower one", { ...TCB, boot_loader: 3, microcode: 0 }, true],
  ["a higher boot loader", { ...TCB, boot_loader: 5 }, false],
  ["a higher TEE", { ...TCB, tee: 1 }, false],
  ["higher microcode", { ...TCB, microcode: 220 }, false],
  ["an FMC, which a Milan has not", { ...TCB, fmc: 0 }, false],
  ["hex text only", { hexstring: "0000000000000000" }, false],
  ["a part less", { boot_loader: 0, snp: 0, microcode: 0 }, false],
  ["text for a number", { ...TCB, snp: "24" }, false],
  ["a negative number", { ...TCB, snp: -1 }, false],
  ["a fraction", { ...TCB, snp: 0.5 }, false],
  ["a list", [4, 0, 24, 219], false],
  ["null", null, false],
  ["no JSON", Buffer.from("{"), false],
];

for (const [what, minimum, accepted] of TCB_CASES) {
  test(`a minimum of ${what} ${accepted ? "accepts" : "refuses"} the firmware`, () => {
    const tables = { ...SNP_POLICY, [TABLES.nodesSnpTcbVersions]: { [MILAN]: minimum } };
    const quote = processor.quote(publicKey);
    const verify = (): VerifiedEvidence =>
      verifyEvidence(quote, publicKey, policyState(tables), trust);
    if (accepted) assert.doesNotThrow(verify);
    else assert.equal(refusalOf(verify).message, REFUSALS.tcb);
  });
}

test("keys of the tables are lower-case hex: any other text never matches", () => {
  const quote = processor.quote(publicKey);
  const upper = (text: string): string => text.toUpperCase();
  const cases: [PolicyTables, string][] = [
    [{ [TABLES.nodesSnpHostData]: { [upper(HOST_DATA)]: "" } }, REFUSALS.hostData],
    [{ [TABLES.nodesSnpMeasurements]: { [upper(MEASUREMENT)]: "x" } }, REFUSALS.measurement],
    [{ [TABLES.nodesSnpTcbVersions]: { [upper(MILAN)]: TCB } }, REFUSALS.cpuid],
  ];
  for (const [changed, message] of cases) {
    assert.equal(snpRefusal(quote, { ...SNP_POLICY, ...changed }).message, message);
  }
});

test("a processor of the same product but another stepping needs a row of its own", () => {
  const quote = processor.quote(publicKey, { change: (report) => report.writeUInt8(2, 0x18a) });
  const { message, details } = snpRefusal(quote, SNP_POLICY);
  assert.equal(message, REFUSALS.cpuid);
  assert.deepEqual(details, { cpuid: "00a00f12" });
});

test("a Turin is held to its own layout, with the FMC", () => {
  const turin = createSnpProcessor({ product: "Turin" });
  const quote = turin.quote(publicKey);
  const verify = (fmc: number): VerifiedEvidence =>
    verifyEvidence(
      quote,
      publicKey,
      policyState({
        ...SNP_POLICY,
        [TABLES.nodesSnpTcbVersions]: {
          "00b00f21": { fmc, boot_loader: 1, tee: 1, snp: 4, microcode: 81 },
        },
      }),
      { roots: turin.roots, at: AT },
    );
  assert.doesNotThrow(() => verify(1));
  assert.equal(refusalOf(() => verify(2)).message, REFUSALS.tcb);
});

test("the second half of the report data is the guest's own matter", () => {
  const digest = createHash("sha256").update(publicKey).digest();
  const reportData = Buffer.concat([digest, Buffer.alloc(32, 7)]);
  const quote = processor.quote(publicKey, { reportData });
  assert.doesNotThrow(() => verifyEvidence(quote, publicKey, policyState(SNP_POLICY), trust));
});

test("the TCB that a node names must be the reported one, in either form", () => {
  const quote = processor.quote(publicKey);
  const verify = (endorsedTcb: Uint8Array): VerifiedEvidence =>
    verifyEvidence({ ...quote, endorsedTcb }, publicKey, policyState(SNP_POLICY), trust);
  assert.doesNotThrow(() => verify(Buffer.from("db18000000000004", "hex")));
  assert.doesNotThrow(() => verify(Buffer.from("db18000000000004")));
  for (const other of ["db18000000000005", "04", "no hex"]) {
    const { details } = refusalOf(() => verify(Buffer.from(other)));
    assert.equal(details["check"], "endorsed.claim");
  }
});

test("a real report passes every check up to the binding to our key", () => {
  const quote: join.QuoteInfo = {
    format: QUOTE_FORMATS.snp,
    quote: snpFixture("genoa.report.bin"),
    endorsements: snpFixture("genoa.endorsements.pem"),
    uvmEndorsements: new Uint8Array(),
    endorsedTcb: Buffer.from("541700000000000a", "hex"),
  };
  const hex = (start: number, end: number): string =>
    Buffer.from(quote.quote.subarray(start, end)).toString("hex");
  const tcb = { boot_loader: 10, tee: 0, snp: 23, microcode: 84 };
  const kv = policyState({
    [TABLES.nodesSnpHostData]: { [hex(0xc0, 0xe0)]: "" },
    [TABLES.nodesSnpMeasurements]: { [hex(0x90, 0xc0)]: "AllowedToJoin" },
    [TABLES.nodesSnpTcbVersions]: { "00a10f11": tcb },
  });
  const { message, details } = refusalOf(() =>
    verifyEvidence(quote, publicKey, kv, { at: FIXTURES_VALID }),
  );
  assert.equal(message, REFUSALS.publicKey);
  assert.equal(details["report_data"], "00".repeat(32));
});

test("rows for one kind of node do not admit the other", () => {
  const tables = {
    [TABLES.nodesVirtualHostData]: { [HOST_DATA]: new Uint8Array(8) },
    [TABLES.nodesVirtualMeasurements]: { [MEASUREMENT]: "AllowedToJoin" },
  };
  assert.equal(snpRefusal(processor.quote(publicKey), tables).message, REFUSALS.hostData);
});
