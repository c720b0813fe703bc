// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { TABLES } from "@consortium/ledger";
import { MemberKeys } from "../request/member-key.js";
import { Sandbox } from "../sandbox/sandbox.js";
import { createTurns, type GovernanceScope } from "../scope.js";
import { Consortium, YES } from "../testing/consortium.js";
import { createParty, signRequest } from "../testing/member.js";
import { createProposal } from "./create-proposal.js";
import { submitBallot } from "./submit-ballot.js";

const user = createParty("user0");
const SET_USER = { actions: [{ name: "set_user", args: { cert: user.cert } }] };

describe("many at once", () => {
  let sandbox: Sandbox;
  let otherSandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
    otherSandbox = await Sandbox.start();
  });
  after(async () => {
    await sandbox.close();
    await otherSandbox.close();
  });

  /** A second governance node on the same ledger. */
  function otherNode({ scope }: Consortium): GovernanceScope {
    return { ...scope, sandbox: otherSandbox, memberKeys: new MemberKeys(), turn: createTurns() };
  }

  it("loses no vote of ten members on two nodes", async () => {
    const consortium = await Consortium.start({ sandbox, members: 20 });
    const nodes = [consortium.scope, otherNode(consortium)];
    const { proposalId } = await consortium.propose(SET_USER);
    const records = await Promise.all(
      Array.from({ length: 10 }, (_, by) => {
        const request = signRequest(
          consortium.member(by),
          "ballot",
          { ballot: YES },
          { proposalId },
        );
        return submitBallot(request, nodes[by % 2] as GovernanceScope);
      }),
    );
    assert.equal(new Set(records.map(({ transactionId }) => transactionId)).size, 10);
    const { ballots } = consortium.json(TABLES.proposalsInfo, proposalId) as { ballots: object };
    assert.equal(Object.keys(ballots).length, 10);
  });

  it("decides once when the deciding votes come together", async () => {
    const consortium = await Consortium.start({ sandbox, members: 3 });
    const nodes = [consortium.scope, otherNode(consortium)];
    const { proposalId } = await consortium.propose(SET_USER);
    const settled = await Promise.allSettled(
      [0, 1, 2].map((by) => {
        const request = signRequest(
          consortium.member(by),
          "ballot",
          { ballot: YES },
          { proposalId },
        );
        return submitBallot(request, nodes[by % 2] as GovernanceScope);
      }),
    );
    const refused = settled.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 1);
    assert.ok(isAppError((refused[0] as PromiseRejectedResult).reason, "PROPOSAL_NOT_OPEN"));
    const { state } = consortium.json(TABLES.proposalsInfo, proposalId) as { state: string };
    assert.equal(state, "Accepted");
  });

  it("records a proposal once that was sent to two nodes", async () => {
    const consortium = await Consortium.start({ sandbox });
    const request = signRequest(consortium.member(0), "proposal", SET_USER);
    const settled = await Promise.allSettled([
      createProposal(request, consortium.scope),
      createProposal(request, otherNode(consortium)),
    ]);
    const refused = settled.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 1);
    assert.ok(isAppError((refused[0] as PromiseRejectedResult).reason, "PROPOSAL_REPLAY"));
    assert.equal(consortium.ledger.state.committed.size(TABLES.proposals), 1);
  });

  it("executes again when something that was read has changed, with a new id", async () => {
    const consortium = await Consortium.start({ sandbox });
    const before = consortium.ledger.snapshot().seqno;
    consortium.ledger.beforeSubmit = () => {
      const row = Buffer.from('{"status":"Active","member_data":1}');
      consortium.ledger.append(
        new Map([[TABLES.membersInfo, new Map([[consortium.member(0).id, row]])]]),
      );
    };
    const { proposalId } = await consortium.propose(SET_USER);
    assert.equal(consortium.ledger.submitted.length, 1);
    assert.equal(consortium.ledger.submitted[0]?.readVersion, before + 1);
    assert.notEqual(consortium.text(TABLES.proposals, proposalId), undefined);
  });

  it("gives up after thirty conflicts, having recorded nothing", async () => {
    const consortium = await Consortium.start({ sandbox });
    const interfere = (): void => {
      const row = Buffer.from('{"status":"Active"}');
      consortium.ledger.append(
        new Map([[TABLES.membersInfo, new Map([[consortium.member(0).id, row]])]]),
      );
      consortium.ledger.beforeSubmit = interfere;
    };
    consortium.ledger.beforeSubmit = interfere;
    await assert.rejects(consortium.propose(SET_USER), (error) =>
      isAppError(error, "TOO_MANY_CONFLICTS"),
    );
    assert.equal(consortium.ledger.submitted.length, 0);
  });

  it("starts again when the replica moves on while the constitution runs", async () => {
    const consortium = await Consortium.start({ sandbox });
    const { proposalId } = await consortium.propose(SET_USER);
    const slow = "export function vote() { for (let i = 0; i < 2e6; i++); return true }";
    const voting = consortium.vote(proposalId, 0, slow);
    await new Promise((resolve) => setImmediate(resolve));
    const row = Buffer.from('{"status":"Active","member_data":2}');
    consortium.ledger.append(
      new Map([[TABLES.membersInfo, new Map([[consortium.member(1).id, row]])]]),
    );
    await voting;
    const { ballots } = consortium.json(TABLES.proposalsInfo, proposalId) as { ballots: object };
    assert.deepEqual(Object.values(ballots), [slow]);
    assert.equal(
      consortium.ledger.submitted.at(-1)?.readVersion,
      consortium.ledger.snapshot().seqno - 2,
    );
  });

  it("does nothing for somebody who has gone away", async () => {
    const consortium = await Consortium.start({ sandbox });
    const request = signRequest(consortium.member(0), "proposal", SET_USER);
    await assert.rejects(createProposal(request, consortium.scope, AbortSignal.abort()));
    assert.equal(consortium.ledger.submitted.length, 0);
  });
});
