// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeLedgerDirectory } from "@consortium/ledger";
import { directorySource, type LedgerSource } from "../audit/ledger-source.js";
import { RecordedConsortium } from "../audit/testing/recorded-consortium.js";
import { defaultConstitution } from "../constitution/default-constitution.js";
import { NO } from "../testing/consortium.js";
import { createParty } from "../testing/member.js";
import { checkConstitution, type ConstitutionReport } from "./check-constitution.js";

const constitution = defaultConstitution();

describe("trying a constitution", () => {
  let folder = "";
  let source: LedgerSource;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "rehearsal-"));
    await using consortium = await RecordedConsortium.start(3);
    await consortium.open();
    await consortium.pass("set_user", { cert: createParty("user", "Secp256R1").cert });
    const { proposalId } = await consortium.propose("set_recovery_threshold", {
      recovery_threshold: 2,
    });
    await consortium.vote(proposalId, 0, NO);
    await consortium.vote(proposalId, 1, NO);
    await consortium.passInVain("set_member_data", { member_id: "ab".repeat(32), member_data: {} });
    await writeLedgerDirectory(folder, [consortium.ledger.builder.bytes()]);
    source = directorySource(folder, consortium.serviceCert);
  });
  after(() => rm(folder, { recursive: true }));

  const outcomes = ({ differences }: ConstitutionReport): string[] =>
    differences.map(({ type, recorded, rehearsed }) => `${type}: ${recorded}, ${rehearsed}`);

  for (const [name, text, reason] of [
    ["text that is no module", "export function validate( {", /compile/],
    ["a module that throws", "throw new Error('no')", /Failed to execute/],
    [
      "a constitution without apply",
      constitution.replace("export function apply", "function apply"),
      /does not export a function named apply/,
    ],
    [
      "one whose validate takes two arguments",
      constitution.replace(
        "export function validate(input)",
        "export function validate(input, more)",
      ),
      /exports function validate with 2 parameters/,
    ],
    ["nothing", "", /empty/],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const report = await checkConstitution(text, source);
      assert.match(report.exportsFault ?? "", reason);
      assert.equal(report.rehearsed, 0);
    });
  }

  it("finds nothing otherwise under the constitution that was in force", async () => {
    const report = await checkConstitution(constitution, source);
    assert.deepEqual(report.differences, []);
    // Four proposals, the two votes on each that decide, and one that fails to be applied.
    assert.equal(report.rehearsed, 4 + 2 + 2 + 2 + 2);
    assert.equal(report.locksOut, false);
    assert.deepEqual(report.conclusion, {
      activeMembers: 3,
      trials: [
        { name: "nothing", votesNeeded: 2 },
        { name: "set_constitution", votesNeeded: 2 },
      ],
    });
  });

  it("shows what would have come out otherwise", async () => {
    const strict = constitution.replace("inFavour > majorityAbove", "inFavour === active.size");
    const report = await checkConstitution(strict, source);
    assert.deepEqual(outcomes(report), [
      "ballot: Accepted, Open",
      "ballot: Accepted, Open",
      "ballot: Failed, Open",
    ]);
    assert.deepEqual(
      report.conclusion?.trials.map(({ votesNeeded }) => votesNeeded),
      [3, 3],
    );
    assert.equal(report.locksOut, false);
  });

  it("shows what would have been refused, and which rows would be otherwise", async () => {
    const without = constitution.replace(
      'defineAction("set_recovery_threshold"',
      'defineAction("other"',
    );
    const refused = await checkConstitution(without, source);
    assert.deepEqual(outcomes(refused)[0], "proposal: Open, Refused");
    assert.match(refused.differences[0]?.reason ?? "", /set_recovery_threshold: no such action/);
    const other = constitution.replace(
      "userCertificates.write(id, cert)",
      "userCertificates.write(id, cert + cert)",
    );
    assert.notEqual(other, constitution);
    const report = await checkConstitution(other, source);
    assert.deepEqual(outcomes(report), ["ballot: Accepted, Accepted"]);
    assert.deepEqual(
      report.differences[0]?.rows.map(({ table }) => table),
      ["public:ccf.gov.users.certs"],
    );
  });

  for (const [name, change] of [
    ["accepts nothing", ["inFavour > majorityAbove", "false"]],
    [
      "does not know how it could be replaced",
      ['defineAction("set_constitution"', 'defineAction("x"'],
    ],
    [
      "cannot apply anything",
      [
        "for (const [position, { name, args }] of JSON",
        "throw new Error('no'); for (const [position, { name, args }] of JSON",
      ],
    ],
  ] as const) {
    it(`warns of one that ${name}`, async () => {
      const text = constitution.replace(change[0], change[1]);
      assert.notEqual(text, constitution);
      assert.equal((await checkConstitution(text, source)).locksOut, true);
    });
  }

  it("says when the constitution in force would not take it", async () => {
    const careless = constitution.replace("ccf.gov.validateConstitution", "ccf.gov.other");
    const report = await checkConstitution(careless, source);
    assert.equal(report.conclusion?.refusedNow, undefined);
    assert.equal(report.locksOut, true);
  });

  it("does what it can without a ledger", async () => {
    const report = await checkConstitution(constitution, undefined);
    assert.deepEqual(report, {
      rehearsed: 0,
      differences: [],
      differenceCount: 0,
      locksOut: false,
    });
  });
});
