// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { governance } from "@consortium/proto";
import { TABLES } from "@consortium/ledger";
import { Sandbox } from "../sandbox/sandbox.js";
import { Consortium, NO } from "../testing/consortium.js";
import { createParty } from "../testing/member.js";
import { previewProposal } from "./preview-proposal.js";

const { ProposalState } = governance;
const user = createParty("user0");
const SET_USER = { actions: [{ name: "set_user", args: { cert: user.cert } }] };

describe("a preview", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  const ofBody = (
    consortium: Consortium,
    body: unknown,
  ): Promise<governance.PreviewProposalResponse> => {
    const value = Buffer.from(JSON.stringify(body));
    return previewProposal(
      { subject: { $case: "body", value }, memberId: "" },
      consortium.scope,
      1e12,
    );
  };
  const ofProposal = (
    consortium: Consortium,
    value: string,
    memberId = "",
  ): Promise<governance.PreviewProposalResponse> =>
    previewProposal({ subject: { $case: "proposalId", value }, memberId }, consortium.scope, 1e12);

  it("shows what a body would change, table by table, and records nothing", async () => {
    const consortium = await Consortium.start({ sandbox });
    const { seqno } = consortium.ledger.snapshot();
    const preview = await ofBody(consortium, SET_USER);
    assert.equal(preview.validationError, "");
    assert.deepEqual(
      preview.changes.map(({ map, oldValue, newValue }) => [
        map,
        oldValue,
        newValue === undefined ? undefined : Buffer.from(newValue).toString(),
      ]),
      [[TABLES.usersCerts, undefined, user.cert]],
    );
    assert.equal(preview.stateAfter, ProposalState.OPEN);
    assert.deepEqual(preview.votedMembers, []);
    assert.deepEqual(preview.missingMembers, consortium.members.map(({ id }) => id).sort());
    assert.equal(consortium.ledger.snapshot().seqno, seqno);
    assert.equal(consortium.ledger.submitted.length, 0);
  });

  it("tells whether one more vote decides", async () => {
    const consortium = await Consortium.start({ sandbox });
    const { proposalId } = await consortium.propose(SET_USER);
    await consortium.vote(proposalId, 0);
    assert.equal((await ofProposal(consortium, proposalId)).stateAfter, ProposalState.OPEN);
    const decided = await ofProposal(consortium, proposalId, consortium.member(1).id);
    assert.equal(decided.stateAfter, ProposalState.ACCEPTED);
    assert.deepEqual(
      decided.changes.map(({ map }) => map),
      [TABLES.usersCerts],
    );
    const { ballots } = consortium.json(TABLES.proposalsInfo, proposalId) as { ballots: object };
    assert.equal(Object.keys(ballots).length, 1);
  });

  it("counts a vote against as what it is", async () => {
    const consortium = await Consortium.start({ sandbox });
    const { proposalId } = await consortium.propose(SET_USER);
    await consortium.vote(proposalId, 0, NO);
    const preview = await ofProposal(consortium, proposalId, consortium.member(1).id);
    assert.equal(preview.stateAfter, ProposalState.OPEN);
    assert.deepEqual(
      preview.votedMembers,
      [consortium.member(0).id, consortium.member(1).id].sort(),
    );
    assert.deepEqual(preview.missingMembers, [consortium.member(2).id]);
  });

  it("names effects, the proposals that would be dropped, and why apply would fail", async () => {
    const consortium = await Consortium.start({ sandbox });
    const { proposalId } = await consortium.propose(SET_USER);
    const action = (name: string, args?: unknown): unknown => ({ actions: [{ name, args }] });
    const rekey = await ofBody(consortium, action("trigger_ledger_rekey"));
    assert.deepEqual(rekey.effects, ["triggerLedgerRekey"]);
    const rule = await ofBody(consortium, action("add_snp_measurement", { measurement: "ab" }));
    assert.deepEqual(rule.droppedProposals, [proposalId]);
    const failing = await ofBody(
      consortium,
      action("set_recovery_threshold", { recovery_threshold: 99 }),
    );
    assert.match(failing.failure?.reason ?? "", /recovery_threshold 99/);
    assert.deepEqual(failing.changes, []);
  });

  it("says what is wrong with an invalid body", async () => {
    const consortium = await Consortium.start({ sandbox });
    const preview = await ofBody(consortium, { actions: [{ name: "no_such_action" }] });
    assert.match(preview.validationError, /no_such_action: no such action/);
    assert.deepEqual(preview.changes, []);
    assert.equal(preview.stateAfter, ProposalState.UNSPECIFIED);
  });

  it("is refused for what is not there, not open, or nothing at all", async () => {
    const consortium = await Consortium.start({ sandbox });
    const { proposalId } = await consortium.propose(SET_USER);
    await consortium.vote(proposalId, 0);
    await consortium.vote(proposalId, 1);
    const code = (expected: string) => (error: unknown) => isAppError(error, expected);
    await assert.rejects(ofProposal(consortium, proposalId), code("PROPOSAL_NOT_OPEN"));
    await assert.rejects(ofProposal(consortium, "0".repeat(64)), code("PROPOSAL_NOT_FOUND"));
    await assert.rejects(ofProposal(consortium, "x"), code("INVALID_RESOURCE_NAME"));
    await assert.rejects(
      previewProposal({ subject: undefined, memberId: "" }, consortium.scope, 0),
      code("INVALID_INPUT"),
    );
    const bytes = { subject: { $case: "body" as const, value: Buffer.from("{") }, memberId: "" };
    await assert.rejects(previewProposal(bytes, consortium.scope, 0), code("INVALID_INPUT"));
  });
});
