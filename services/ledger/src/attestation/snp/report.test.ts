// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import fc from "fast-check";
import { snpFixture } from "../testing/index.js";
import { cpuidOf, parseReport, productOf, REPORT_BYTES, tcbHex } from "./index.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function isMalformed(error: unknown): boolean {
  return isAppError(error, "REPORT_MALFORMED");
}

test("the fields of a real report of a Milan are read from where they stand", () => {
  const report = parseReport(snpFixture("milan.report.bin"));
  assert.equal(report.version, 3);
  assert.equal(report.guestSvn, 2);
  assert.deepEqual(report.policy, {
    abiMinor: 0x1f,
    abiMajor: 0,
    smt: true,
    migrateMa: false,
    debug: false,
    singleSocket: false,
    cxlAllowed: false,
    memAes256Xts: false,
    raplDisabled: false,
    ciphertextHidingDram: false,
    pageSwapDisabled: false,
    reservedBitsHold: true,
  });
  assert.equal(hex(report.familyId), `01${"00".repeat(15)}`);
  assert.equal(hex(report.imageId), `02${"00".repeat(15)}`);
  assert.equal(report.vmpl, 0);
  assert.equal(report.signatureAlgorithm, 1);
  assert.equal(tcbHex(report.currentTcb), "db18000000000004");
  assert.equal(report.platformInfo.aliasCheckComplete, true);
  assert.equal(report.platformInfo.tsmeEnabled, false);
  assert.equal(report.keyInfo.signingKey, 0);
  assert.equal(report.keyInfo.maskChipKey, false);
  assert.equal(hex(report.reportData), "00".repeat(64));
  assert.match(hex(report.measurement), /^5feee30d6d7e1a29.*23fca1$/);
  assert.match(hex(report.hostData), /^4f4448c67f3c8dfc.*777d10$/);
  assert.equal(report.measurement.length, 48);
  assert.equal(report.hostData.length, 32);
  assert.match(hex(report.idKeyDigest), /^0ad79ceb.*cc1a58$/);
  assert.equal(hex(report.authorKeyDigest), "00".repeat(48));
  assert.match(hex(report.reportId), /^5e010362.*bcbc$/);
  assert.equal(hex(report.reportIdMa), "ff".repeat(32));
  assert.equal(tcbHex(report.reportedTcb), "db18000000000004");
  assert.deepEqual(report.cpu, { family: 0x19, model: 1, stepping: 1 });
  assert.match(hex(report.chipId), /^4ffb5cb4fd594f3f.*b19ba5$/);
  assert.equal(tcbHex(report.committedTcb), "db18000000000004");
  assert.equal(report.currentVersion, "1.55.29");
  assert.equal(report.committedVersion, "1.55.29");
  assert.equal(tcbHex(report.launchTcb), "db18000000000004");
  assert.equal(report.launchMitigations, 0n);
  assert.match(hex(report.signatureR), /^c4c97ce6.*f3b7(00){24}$/);
  assert.match(hex(report.signatureS), /^1e739e88.*9f53(00){24}$/);
});

test("a report of a Genoa names its processor and firmware", () => {
  const report = parseReport(snpFixture("genoa.report.bin"));
  assert.equal(productOf(report.cpu), "Genoa");
  assert.equal(cpuidOf(report.cpu), "00a10f11");
  assert.equal(tcbHex(report.reportedTcb), "541700000000000a");
  assert.equal(report.currentVersion, "1.55.40");
});

test("a report of any other length is refused", () => {
  const report = snpFixture("milan.report.bin");
  for (let length = 0; length < REPORT_BYTES; length++) {
    assert.throws(() => parseReport(report.subarray(0, length)), isMalformed);
  }
  assert.throws(() => parseReport(Buffer.concat([report, Buffer.of(0)])), isMalformed);
});

test("the message of a refused report says how long it must be", () => {
  assert.throws(() => parseReport(new Uint8Array(3)), {
    code: "REPORT_MALFORMED",
    message: "a report of SEV-SNP has 1184 bytes, this has 3",
  });
});

test("any bytes of the right length are read: reading proves nothing", () => {
  const bytes = fc.uint8Array({ minLength: REPORT_BYTES, maxLength: REPORT_BYTES });
  fc.assert(fc.property(bytes, (report) => parseReport(report).bytes.length === REPORT_BYTES));
});

test("a report does not change with the bytes that it was read from", () => {
  const bytes = snpFixture("milan.report.bin");
  const report = parseReport(bytes);
  bytes.fill(0xff);
  assert.equal(report.version, 3);
  assert.equal(report.bytes[0], 3);
  assert.equal(hex(report.familyId), `01${"00".repeat(15)}`);
});
