// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Extension } from "@peculiar/asn1-x509";
import {
  changing,
  createSnpProcessor,
  evaluate,
  type ProcessorCase,
  rawExtension,
  removing,
  replacing,
  without,
} from "../testing/index.js";
import { OFFSETS } from "./report.js";

/* Reports of processors made here: every check of them and of their VCEK fails once. */

const AMD = "1.3.6.1.4.1.3704.1";
const reportedMilan = "boot_loader 4, tee 0, snp 24, microcode 219";

for (const product of ["Milan", "Genoa", "Turin"] as const) {
  test(`evidence of a generated ${product} verifies`, () => {
    assert.deepEqual(evaluate({ what: product, processor: { product }, fails: {} }), {});
  });
}

test("evidence of a firmware that is newer than the VCEK verifies", () => {
  const processor = { endorsedTcb: "da17000000000003" };
  assert.deepEqual(evaluate({ what: "newer", processor, fails: {} }), {});
});

test("a chip id that stands in an OCTET STRING is read as well", () => {
  const extensions = (standard: readonly Extension[]): Extension[] => [
    ...without(standard, `${AMD}.4`),
    rawExtension(`${AMD}.4`, Buffer.concat([Buffer.of(4, 64), Buffer.alloc(64, 0xc1)])),
  ];
  assert.deepEqual(evaluate({ what: "wrapped", processor: { extensions }, fails: {} }), {});
});

test("what a later version of the report may use is not held against it", () => {
  const report = {
    change: (bytes: Buffer) => {
      bytes.writeUInt32LE(6, OFFSETS.version);
      bytes.writeUInt8(1, 0x29f);
    },
  };
  assert.deepEqual(evaluate({ what: "version 6", report, fails: {} }), {});
});

const REPORT_CASES: readonly ProcessorCase[] = [
  {
    what: "version 2",
    report: changing((bytes) => bytes.writeUInt32LE(2, OFFSETS.version)),
    fails: { "report.version": "version 2" },
  },
  {
    what: "a processor that is not known",
    report: changing((bytes) => bytes.writeUInt8(0x2a, OFFSETS.cpu + 1)),
    fails: {
      "report.processor": "unknown (family 25, model 42, stepping 1, CPUID 00a20fa1)",
      "endorsed.product": "processor unknown, root of Milan",
      "endorsed.tcb": "the processor is unknown",
      "endorsed.chip": "the processor is unknown",
    },
  },
  {
    what: "a processor of another product than the certificates",
    report: changing((bytes) => bytes.writeUInt8(0x11, OFFSETS.cpu + 1)),
    fails: { "endorsed.product": "processor Genoa, root of Milan" },
  },
  {
    what: "another algorithm",
    report: changing((bytes) => bytes.writeUInt32LE(2, OFFSETS.signatureAlgorithm)),
    fails: { "report.algorithm": "algorithm 2" },
  },
  {
    what: "a report that is signed by a VLEK",
    report: changing((bytes) => bytes.writeUInt32LE(1 << 2, OFFSETS.keyInfo)),
    fails: { "report.signing-key": "VLEK" },
  },
  {
    what: "a report that nobody signed",
    report: changing((bytes) => bytes.writeUInt32LE(7 << 2, OFFSETS.keyInfo)),
    fails: { "report.signing-key": "NONE" },
  },
  {
    what: "a masked chip key",
    report: changing((bytes) => bytes.writeUInt32LE(2, OFFSETS.keyInfo)),
    fails: { "report.chip-key": "masked: any host could have made the report" },
  },
  {
    what: "a report that the host asked for",
    report: changing((bytes) => bytes.writeUInt32LE(4, OFFSETS.vmpl)),
    fails: { "report.vmpl": "VMPL 4" },
  },
  {
    what: "a guest that may be debugged",
    report: changing((bytes) => bytes.writeUInt8(0x0b, OFFSETS.policy + 2)),
    fails: { "policy.debug": "allowed: the host may read and write the guest's memory" },
  },
  {
    what: "a guest that may be migrated",
    report: changing((bytes) => bytes.writeUInt8(0x07, OFFSETS.policy + 2)),
    fails: { "policy.migration": "allowed: an agent may copy the guest" },
  },
  {
    what: "a reserved bit of the policy",
    report: changing((bytes) => bytes.writeUInt8(0x04, OFFSETS.policy + 3)),
    fails: { "report.reserved": "reserved bits of the guest's policy are set" },
  },
  {
    what: "a policy without the bit that is always one",
    report: changing((bytes) => bytes.writeUInt8(0x01, OFFSETS.policy + 2)),
    fails: { "report.reserved": "reserved bits of the guest's policy are set" },
  },
  {
    what: "a reserved bit of the key information",
    report: changing((bytes) => bytes.writeUInt32LE(1 << 5, OFFSETS.keyInfo)),
    fails: { "report.reserved": "reserved bits of the key information are set" },
  },
  ...[0x4c, 0x18b, 0x19f, 0x1eb, 0x1ef, 0x208, 0x29f].map((offset) => ({
    what: `the reserved byte at ${offset}`,
    report: changing((bytes) => bytes.writeUInt8(1, offset)),
    fails: { "report.reserved": `the reserved byte at offset ${offset} is set` },
  })),
];

const BINDING_CASES: readonly ProcessorCase[] = [
  {
    what: "a report of another chip with the same claims",
    after: () => ({ report: createSnpProcessor().report() }),
    fails: { "report.signature": "it is not by the VCEK's key" },
  },
  {
    what: "bytes behind the signature",
    after: (processor) => {
      const report = processor.report();
      report.writeUInt8(1, 0x4a0 - 1);
      return { report };
    },
    fails: { "report.signature": "there are bytes behind the signature" },
  },
  {
    what: "a signature with longer numbers",
    after: (processor) => {
      const report = processor.report();
      report.writeUInt8(1, OFFSETS.signatureR + 48);
      return { report };
    },
    fails: { "report.signature": "the signature's numbers are longer than 48 bytes" },
  },
  {
    what: "a signature of zeros",
    after: (processor) => ({ report: Buffer.from(processor.report()).fill(0, 0x2a0) }),
    fails: { "report.signature": "it is not by the VCEK's key" },
  },
  {
    what: "firmware that is older than the VCEK",
    report: { reportedTcb: "db17000000000004" },
    fails: {
      "endorsed.tcb": `reported boot_loader 4, tee 0, snp 23, microcode 219; VCEK for ${reportedMilan}`,
    },
  },
  {
    what: "an older FMC of a Turin",
    processor: { product: "Turin" },
    report: { reportedTcb: "5100000004010100" },
    fails: {
      "endorsed.tcb":
        "reported boot_loader 1, tee 1, snp 4, microcode 81, fmc 0; VCEK for boot_loader 1, tee 1, snp 4, microcode 81, fmc 1",
    },
  },
  ...(["1", "2", "3", "8"] as const).map((suffix, index) => ({
    what: `a VCEK without the part ${suffix} of its TCB`,
    processor: removing(`${AMD}.3.${suffix}`),
    fails: {
      "endorsed.tcb": `the VCEK has no ${["boot_loader", "tee", "snp", "microcode"][index]} (extension ${AMD}.3.${suffix})`,
    },
  })),
  {
    what: "a Turin's VCEK without an FMC",
    processor: { product: "Turin", ...removing(`${AMD}.3.9`) },
    fails: { "endorsed.tcb": `the VCEK has no fmc (extension ${AMD}.3.9)` },
  },
  ...[
    Buffer.of(2, 2, 1, 0),
    Buffer.of(2, 1, 0xff),
    Buffer.of(2, 0),
    Buffer.of(4, 1, 4),
    Buffer.of(2, 1, 4, 0),
    Buffer.alloc(0),
  ].map((value) => ({
    what: `a VCEK whose boot loader is ${value.toString("hex") || "nothing"}`,
    processor: replacing(`${AMD}.3.1`, value),
    fails: { "endorsed.tcb": "the VCEK's boot_loader is not a byte" },
  })),
  {
    what: "the VCEK of another chip",
    processor: replacing(`${AMD}.4`, Buffer.alloc(64, 0xc2)),
    fails: {
      "endorsed.chip": `reported ${"c1".repeat(64)}, VCEK of ${"c2".repeat(64)}`,
    },
  },
  {
    what: "the VCEK of another Turin",
    processor: { product: "Turin", ...replacing(`${AMD}.4`, Buffer.alloc(8, 0xc2)) },
    fails: { "endorsed.chip": `reported ${"c1".repeat(8)}, VCEK of ${"c2".repeat(8)}` },
  },
  {
    what: "a VCEK without a chip",
    processor: removing(`${AMD}.4`),
    fails: { "endorsed.chip": `the VCEK has no chip id (extension ${AMD}.4)` },
  },
  {
    what: "a VCEK with a short chip id",
    processor: replacing(`${AMD}.4`, Buffer.alloc(8, 0xc1)),
    fails: { "endorsed.chip": "the VCEK's chip id has 8 bytes, not 64" },
  },
  {
    what: "a masked chip id",
    report: changing((bytes) => bytes.fill(0, OFFSETS.chipId, OFFSETS.chipId + 64)),
    fails: { "endorsed.chip": `reported ${"00".repeat(64)}, VCEK of ${"c1".repeat(64)}` },
  },
  {
    what: "another TCB than the one named",
    claimedTcb: "db18000000000005",
    fails: { "endorsed.claim": "reported db18000000000004, named db18000000000005" },
  },
];

for (const one of [...REPORT_CASES, ...BINDING_CASES]) {
  test(`evidence fails for ${one.what}`, () => assert.deepEqual(evaluate(one), one.fails));
}
