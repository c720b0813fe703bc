// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckResult } from "../check.js";
import { FIXTURES_VALID, snpFixture } from "../testing/index.js";
import { parseReport, REPORT_BYTES } from "./report.js";
import { parseEndorsements } from "./endorsements.js";
import { signatureFault } from "./signature.js";
import { checkReport, type SnpTrust } from "./verify-report.js";

/* Reports and certificates of real processors. */

function failuresOf(checks: readonly CheckResult[]): string[] {
  return checks.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
}

function checkFixture(report: string, endorsements: string, trust: SnpTrust): string[] {
  const evidence = {
    report: snpFixture(`${report}.report.bin`),
    endorsements: snpFixture(`${endorsements}.endorsements.pem`),
  };
  return failuresOf(checkReport(evidence, trust).checks);
}

for (const product of ["milan", "genoa"]) {
  test(`the report of a ${product} verifies within the validity of its certificates`, () => {
    assert.deepEqual(checkFixture(product, product, { at: FIXTURES_VALID }), []);
  });

  test(`the report of a ${product} fails before and after the validity of its certificates`, () => {
    for (const at of ["2025-01-01T00:00:00Z", "2032-03-01T00:00:00Z"]) {
      const failures = checkFixture(product, product, { at: new Date(at) });
      assert.deepEqual(failures, ["chain.dates"], at);
    }
  });
}

test("both ends belong to the validity", () => {
  const valid = ["2025-01-28T16:22:58Z", "2032-01-28T16:22:58Z"];
  const invalid = ["2025-01-28T16:22:57Z", "2032-01-28T16:22:59Z"];
  for (const at of valid) {
    assert.deepEqual(checkFixture("milan", "milan", { at: new Date(at) }), []);
  }
  for (const at of invalid) {
    assert.deepEqual(checkFixture("milan", "milan", { at: new Date(at) }), ["chain.dates"]);
  }
});

test("a moment that is none is outside every validity", () => {
  const at = new Date("no date");
  assert.deepEqual(checkFixture("milan", "milan", { at }), ["chain.dates"]);
});

for (const [report, other] of [
  ["milan", "genoa"],
  ["genoa", "milan"],
] as const) {
  test(`the report of a ${report} fails with the certificates of a ${other}`, () => {
    const failures = checkFixture(report, other, { at: FIXTURES_VALID });
    assert.ok(failures.includes("report.signature"));
    assert.ok(failures.includes("endorsed.product"));
    assert.ok(failures.includes("endorsed.chip"));
  });
}

test("without AMD's roots nothing verifies", () => {
  assert.deepEqual(checkFixture("milan", "milan", { at: FIXTURES_VALID, roots: [] }), [
    "chain.root",
    "endorsed.product",
  ]);
});

test("the TCB that the node names must be the reported one", () => {
  const evidence = {
    report: snpFixture("milan.report.bin"),
    endorsements: snpFixture("milan.endorsements.pem"),
  };
  const failures = (claimedTcb: string): string[] =>
    failuresOf(checkReport({ ...evidence, claimedTcb }, { at: FIXTURES_VALID }).checks);
  assert.deepEqual(failures("db18000000000004"), []);
  assert.deepEqual(failures("DB18000000000004"), []);
  assert.deepEqual(failures("db18000000000005"), ["endorsed.claim"]);
  assert.deepEqual(failures("04000000000018db"), ["endorsed.claim"]);
});

test("a turned bit at any offset of a report is found by its signature", () => {
  for (const product of ["milan", "genoa"]) {
    const { vcek } = parseEndorsements(snpFixture(`${product}.endorsements.pem`));
    const report = snpFixture(`${product}.report.bin`);
    assert.equal(signatureFault(parseReport(report), vcek), undefined);
    for (let offset = 0; offset < REPORT_BYTES; offset++) {
      const changed = Buffer.from(report);
      changed.writeUInt8(report.readUInt8(offset) ^ (1 << (offset % 8)), offset);
      assert.notEqual(signatureFault(parseReport(changed), vcek), undefined, `offset ${offset}`);
    }
  }
});

test("a turned bit at any offset makes the whole evidence fail, and nothing throws", () => {
  const endorsements = snpFixture("milan.endorsements.pem");
  const original = snpFixture("milan.report.bin");
  for (let offset = 0; offset < REPORT_BYTES; offset += 7) {
    const report = Buffer.from(original);
    report.writeUInt8(report.readUInt8(offset) ^ 0x80, offset);
    const { checks } = checkReport({ report, endorsements }, { at: FIXTURES_VALID });
    assert.ok(failuresOf(checks).includes("report.signature"), `offset ${offset}`);
  }
});

test("a shortened report fails and skips what is about it", () => {
  const evidence = {
    report: snpFixture("milan.report.bin").subarray(1),
    endorsements: snpFixture("milan.endorsements.pem"),
  };
  const { checks } = checkReport(evidence, { at: FIXTURES_VALID });
  assert.deepEqual(failuresOf(checks), ["report.format"]);
  const skipped = checks.filter(({ outcome }) => outcome === "skipped");
  assert.ok(skipped.some(({ id }) => id === "report.signature"));
});

const certificates = snpFixture("milan.endorsements.pem")
  .toString("latin1")
  .split(/(?=-----BEGIN)/);
const [vcek = "", ask = "", ark = ""] = certificates;
const foreign = snpFixture("genoa.endorsements.pem")
  .toString("latin1")
  .split(/(?=-----BEGIN)/);

const BROKEN_ENDORSEMENTS: readonly [string, string, string][] = [
  ["nothing", "", "chain.format"],
  ["two certificates", vcek + ask, "chain.format"],
  ["four certificates", vcek + ask + ark + ark, "chain.format"],
  ["a key among them", `${vcek}${ask}${ark}-----BEGIN PUBLIC KEY-----\nAA==`, "chain.format"],
  ["a certificate that is cut", vcek.slice(0, 300) + ask + ark, "chain.format"],
  ["a certificate of other bytes", vcek.replace("MII", "AII") + ask + ark, "chain.format"],
  ["another order", ark + ask + vcek, "chain.root"],
  ["ASK and ARK changed", vcek + ark + ask, "chain.root"],
  ["the VCEK twice", vcek + vcek + ark, "chain.ask"],
  ["the ARK in place of the ASK", vcek + ark + ark, "chain.vcek"],
  ["the root of another product", vcek + ask + (foreign[2] ?? ""), "chain.ask"],
  ["the ASK of another product", vcek + (foreign[1] ?? "") + ark, "chain.ask"],
];

for (const [what, endorsements, id] of BROKEN_ENDORSEMENTS) {
  test(`endorsements fail for ${what}`, () => {
    const evidence = {
      report: snpFixture("milan.report.bin"),
      endorsements: Buffer.from(endorsements, "latin1"),
    };
    const { checks } = checkReport(evidence, { at: FIXTURES_VALID });
    assert.equal(failuresOf(checks)[0], id);
  });
}

test("a changed byte of a certificate is found", () => {
  const text = snpFixture("milan.endorsements.pem").toString("latin1");
  // One character in every second line of base64.
  for (let offset = 100; offset < text.length; offset += 129) {
    if (!/[A-Za-z0-9]/.test(text.charAt(offset))) continue;
    const other = text.charAt(offset) === "A" ? "B" : "A";
    const changed = text.slice(0, offset) + other + text.slice(offset + 1);
    const evidence = {
      report: snpFixture("milan.report.bin"),
      endorsements: Buffer.from(changed, "latin1"),
    };
    const { checks } = checkReport(evidence, { at: FIXTURES_VALID });
    assert.notDeepEqual(failuresOf(checks), [], `offset ${offset}`);
  }
});
