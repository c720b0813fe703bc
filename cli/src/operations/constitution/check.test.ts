// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { fixturePath } from "@consortium/ledger/testing/ledger";
import { renderConstitutionCheck } from "../../render/constitution.js";
import { checkConstitution } from "./check.js";

const directory = fixturePath("cose_flipflop_service", "ledger");

/** Everybody may do everything, and nothing is ever done. */
const IDLE = `
export function validate(input) { return { valid: true, description: "" }; }
export function resolve(proposal, proposerId, votes) { return votes.length > 1 ? "Accepted" : "Open"; }
export function apply(proposal, proposalId) {}
`;

test("What a ledger records is rehearsed under another constitution", async () => {
  const check = await checkConstitution({ text: IDLE, ledger: { directory } });
  assert.equal(check.exportsFault, null);
  assert.equal(check.rehearsed, 6);
  // The service has one member, whose vote decided everything.
  assert.deepEqual(
    check.differences.map(({ recorded, rehearsed }) => [recorded, rehearsed]),
    [
      ["Accepted", "Open"],
      ["Accepted", "Open"],
      ["Accepted", "Open"],
    ],
  );
  assert.equal(check.activeMembers, 1);
  assert.equal(check.locksOut, true);
  const text = renderConstitutionCheck(check);
  assert.match(text, /was Accepted, would be Open/);
  assert.match(text, /^rehearsed +6 recorded proposals and ballots, 3 come out otherwise$/m);
  assert.match(text, /locked out\.$/);
});

test("Without a ledger only the text itself is looked at", async () => {
  const check = await checkConstitution({ text: "export const validate = 1;", ledger: undefined });
  assert.match(check.exportsFault ?? "", /does not export a function named validate/);
  assert.equal(check.rehearsed, null);
});
