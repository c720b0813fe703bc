// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { decodeEntry, rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import { Sandbox } from "../sandbox/sandbox.js";
import { defaultConstitution } from "./default-constitution.js";
import { goodCases } from "./testing/all-cases.js";
import { describeArgs } from "./testing/cases.js";
import { proposalId, state } from "./testing/state.js";
import { proposalOf, Trial, withRows } from "./testing/trial.js";

const RECORDED = new URL(
  "../../../ledger/fixtures/cose_flipflop_service/ledger/ledger_1-14.committed",
  import.meta.url,
);
const FILE_HEADER_BYTES = 8;

/** CCF's own, as a service of CCF recorded it in its first transaction. */
function recordedConstitution(): string {
  const genesis = decodeEntry(readFileSync(RECORDED), FILE_HEADER_BYTES);
  const row = genesis.publicWrites.get(TABLES.constitution)?.get(SINGLETON_KEY);
  assert.ok(row != null, "the ledger begins with a constitution");
  return rows.constitution.decode(row);
}

describe("what our constitution writes", () => {
  const recorded = recordedConstitution();
  const comparable = goodCases.filter(
    ({ action, unlikeCcf }) => unlikeCcf === undefined && recorded.includes(`"${action}"`),
  );
  let sandbox: Sandbox;
  let ours: Trial;
  let theirs: Trial;
  before(async () => {
    sandbox = await Sandbox.start();
    ours = new Trial(sandbox, defaultConstitution());
    theirs = new Trial(sandbox, recorded);
  });
  after(() => sandbox.close());

  for (const { action, about, args, given: changes = {} } of comparable) {
    it(`is what CCF's writes for ${action} ${about ?? describeArgs(args)}`, async () => {
      const given = withRows(changes, state);
      const proposal = proposalOf({ name: action, args });
      assert.equal((await theirs.validate(proposal, given)).valid, true);
      const expected = await theirs.apply(proposal, proposalId, given);
      const actual = await ours.apply(proposal, proposalId, given);
      assert.equal(actual.failure === undefined, expected.failure === undefined);
      if (expected.failure !== undefined) return;
      assert.deepEqual(actual.writes, expected.writes);
      assert.deepEqual(actual.effects, expected.effects);
    });
  }
});
