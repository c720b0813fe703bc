// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keyFromText, type WriteSet } from "@consortium/ledger";
import {
  createUvmSigner,
  FIXTURES_VALID,
  snpFixture,
} from "@consortium/ledger/testing/attestation";
import type { EvaluationContext } from "../sandbox/protocol.js";
import { Sandbox } from "../sandbox/sandbox.js";
import { evaluateExpression } from "../testing/evaluate.js";

const TABLE = "public:ccf.gov.evidence";
const FILES = [
  "milan.report.bin",
  "milan.endorsements.pem",
  "genoa.report.bin",
  "genoa.endorsements.pem",
  "ecdsa_test1.cose",
];
/** Endorsements of the very measurement, by somebody nobody knows. */
const STRANGER = createUvmSigner().endorse({
  measurement: snpFixture("milan.report.bin").subarray(0x90, 0xc0).toString("hex"),
});

/** An expression for a file of real evidence. */
function file(name: string): string {
  return `ccf.kv["${TABLE}"].get(ccf.strToBuf("${name}"))`;
}

const milan = `${file("milan.report.bin")}, ${file("milan.endorsements.pem")}`;

describe("snp_attestation.verifySnpAttestation", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  const run = (
    expression: string,
    { context = "validate", at = FIXTURES_VALID }: { context?: EvaluationContext; at?: Date } = {},
  ): Promise<unknown> => {
    const rows = FILES.map((name): [string, Uint8Array] => [keyFromText(name), snpFixture(name)]);
    rows.push([keyFromText("stranger.cose"), STRANGER]);
    const state: WriteSet = new Map([[TABLE, new Map(rows)]]);
    return evaluateExpression(sandbox, expression, { context, state, nowMs: at.getTime() });
  };
  const verify = (args: string): string => `snp_attestation.verifySnpAttestation(${args})`;
  const hex = (buffer: string): string =>
    `Array.from(new Uint8Array(${buffer}), (b) => b.toString(16).padStart(2, "0")).join("")`;

  for (const product of ["milan", "genoa"] as const) {
    it(`tells what a genuine ${product} reports, in every context`, async () => {
      const report = snpFixture(`${product}.report.bin`);
      const part = (start: number, end: number): string =>
        report.subarray(start, end).toString("hex");
      const args = `${file(`${product}.report.bin`)}, ${file(`${product}.endorsements.pem`)}`;
      for (const context of ["validate", "vote", "resolve", "apply"] as const) {
        const found = await run(
          `((a) => [a.version, a.policy.debug, a.vmpl, a.signature_algo, a.reported_tcb,
            ${hex("a.measurement")}, ${hex("a.report_data")}, ${hex("a.signature.r")}])
            (${verify(args)}.attestation)`,
          { context },
        );
        assert.deepEqual(found, [
          report.readUInt32LE(0),
          0,
          report.readUInt32LE(0x30),
          1,
          Buffer.from(report.subarray(0x180, 0x188)).reverse().toString("hex"),
          part(0x90, 0xc0),
          part(0x50, 0x90),
          part(0x2a0, 0x2e8),
        ]);
      }
    });
  }

  it("has the 31 fields that CCF's has, one of them also without its misspelling", async () => {
    const names = await run(`Object.keys(${verify(milan)}.attestation).sort()`);
    assert.equal((names as string[]).length, 32);
  });

  it("takes the TCB version that was endorsed, and no other", async () => {
    const args = `${milan}, undefined`;
    const tcb = await run(`${verify(milan)}.attestation.reported_tcb`);
    assert.equal(await run(`${verify(`${args}, "${String(tcb)}"`)}.attestation.vmpl`), 0);
    await assert.rejects(run(verify(`${args}, "0000000000000000"`)), /RangeError/);
  });

  const refusals: readonly (readonly [what: string, args: string, error: RegExp])[] = [
    ["one argument", file("milan.report.bin"), /Passed 1 arguments/],
    ["five arguments", `${milan}, undefined, undefined, 1`, /Passed 5 arguments/],
    ["text for evidence", `"x", ${file("milan.endorsements.pem")}`, /TypeError/],
    ["text for endorsements", `${file("milan.report.bin")}, "x"`, /TypeError/],
    ["text for UVM endorsements", `${milan}, "x"`, /TypeError/],
    ["an empty report", `new ArrayBuffer(0), ${file("milan.endorsements.pem")}`, /RangeError/],
    ["no certificates", `${file("milan.report.bin")}, new ArrayBuffer(10)`, /RangeError/],
    [
      "another processor's certificates",
      `${file("milan.report.bin")}, ${file("genoa.endorsements.pem")}`,
      /RangeError/,
    ],
    [
      "a changed report",
      `((b) => { new Uint8Array(b)[0x90] ^= 1; return b; })(${file("milan.report.bin")}), ${file("milan.endorsements.pem")}`,
      /RangeError/,
    ],
    [
      "the endorsements of another measurement",
      `${milan}, ${file("ecdsa_test1.cose")}`,
      /RangeError.*measurement/,
    ],
    ["a stranger's endorsements", `${milan}, ${file("stranger.cose")}`, /RangeError.*trusted/],
    ["UVM endorsements that are none", `${milan}, new ArrayBuffer(3)`, /RangeError/],
  ];
  for (const [what, args, error] of refusals) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(run(verify(args)), error);
    });
  }

  it("refuses certificates that have run out when the request is made", async () => {
    const at = new Date("2060-01-01T00:00:00Z");
    await assert.rejects(run(verify(milan), { at }), /RangeError/);
  });
});
