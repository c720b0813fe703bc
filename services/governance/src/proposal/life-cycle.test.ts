// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineErrors, isAppError } from "@consortium/kit";
import { TABLES } from "@consortium/ledger";
import { Sandbox } from "../sandbox/sandbox.js";
import { Consortium, NO, YES } from "../testing/consortium.js";
import { createParty, signRequest } from "../testing/member.js";
import { createProposal, proposalIdOf } from "./create-proposal.js";
import { submitBallot } from "./submit-ballot.js";
import { withdrawProposal } from "./withdraw-proposal.js";

const user = createParty("user0");
const SET_USER = { actions: [{ name: "set_user", args: { cert: user.cert } }] };

const primaryErrors = defineErrors({ EFFECT_FAILED: "failed_precondition" });

/** A constitution that says what a test wants. */
function constitutionOf({
  validate = "return { valid: true, description: '' };",
  resolve = "return 'Open';",
  apply = "",
}: {
  validate?: string;
  resolve?: string;
  apply?: string;
}): string {
  return `export function validate(input) { ${validate} }
    export function resolve(proposal, proposerId, votes, proposalId) { ${resolve} }
    export function apply(proposal, proposalId) { ${apply} }`;
}

function isRefused(code: string, message?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isAppError(error), String(error));
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };
}

describe("the life of a proposal", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());
  const start = (options: Parameters<typeof Consortium.start>[0] = {}): Promise<Consortium> =>
    Consortium.start({ sandbox, ...options });

  it("is accepted by more than half of the members, and applied", async () => {
    const consortium = await start();
    const { proposalId, info } = await consortium.proposeAction("set_user", {
      cert: user.cert,
      user_data: { name: "alice" },
    });
    assert.equal(info.state, "Open");
    assert.equal((await consortium.vote(proposalId, 0)).info.state, "Open");
    const closed = await consortium.vote(proposalId, 1);
    assert.equal(closed.info.state, "Accepted");
    assert.deepEqual(closed.info.final_votes, {
      [consortium.member(0).id]: true,
      [consortium.member(1).id]: true,
    });
    assert.deepEqual(closed.info.vote_failures, {});
    assert.equal(consortium.text(TABLES.usersCerts, user.id), user.cert);
    assert.deepEqual(consortium.json(TABLES.usersInfo, user.id), { user_data: { name: "alice" } });
  });

  it("gives a proposal an id of the state and of the signature", async () => {
    const consortium = await start();
    const request = signRequest(consortium.member(0), "proposal", SET_USER);
    const { root } = consortium.ledger.snapshot();
    const { value, transactionId } = await createProposal(request, consortium.scope);
    const { digest } = (await import("../request/signed-request.js")).parseSignedRequest(request);
    assert.equal(value.proposalId, proposalIdOf(root, digest));
    assert.equal(transactionId, "2.3");
    assert.equal(consortium.text(TABLES.proposals, value.proposalId), JSON.stringify(SET_USER));
    assert.deepEqual(consortium.json(TABLES.proposalsInfo, value.proposalId), {
      ballots: {},
      proposer_id: consortium.member(0).id,
      state: "Open",
    });
    const history = consortium.json(TABLES.coseHistory, consortium.member(0).id);
    assert.equal(history, Buffer.from(request).toString("base64"));
  });

  it("applies a proposal at once when the constitution needs no votes", async () => {
    const consortium = await start({
      constitution: constitutionOf({
        resolve: "return 'Accepted';",
        apply: "ccf.kv['public:x'].set(ccf.strToBuf(proposalId), ccf.strToBuf(proposal));",
      }),
    });
    const { info, proposalId } = await consortium.propose({ x: 1 });
    assert.equal(info.state, "Accepted");
    assert.equal(consortium.text("public:x", proposalId), '{"x":1}');
  });

  const invalid: readonly { validate: string; message: RegExp }[] = [
    { validate: "throw new Error('no');", message: /^Failed to execute validation: Error: no$/ },
    { validate: "return 1;", message: /^Validation failed to return an object$/ },
    { validate: "return null;", message: /^Validation failed to return an object$/ },
    { validate: "return { valid: 1 };", message: /^Proposal failed to validate: $/ },
    {
      validate: "return { valid: false, description: 'too short' };",
      message: /^Proposal failed to validate: too short$/,
    },
    {
      validate: "ccf.kv['public:ccf.gov.x'].clear();",
      message: /This table is read-only in current \(read-only governance\) execution context/,
    },
    { validate: "for (;;);", message: /took too long/ },
  ];
  for (const { validate, message } of invalid) {
    it(`refuses what \`${validate}\` says of it, and records nothing`, async () => {
      const limits = { heapBytes: 32 << 20, stackBytes: 1 << 20, executionMs: 200, ballotMs: 200 };
      const consortium = await start({ constitution: constitutionOf({ validate }), limits });
      const { seqno } = consortium.ledger.snapshot();
      await assert.rejects(
        consortium.propose({}),
        isRefused("PROPOSAL_FAILED_TO_VALIDATE", message),
      );
      assert.equal(consortium.ledger.snapshot().seqno, seqno);
    });
  }

  it("refuses a body that is not unambiguous JSON", async () => {
    const consortium = await start();
    for (const body of ["", "this is not JSON", '{"actions":[],"actions":[]}', '{"__proto__":1}']) {
      await assert.rejects(consortium.propose(body), isRefused("INVALID_INPUT"));
    }
    await assert.rejects(consortium.propose(Uint8Array.from([0xff])), isRefused("INVALID_INPUT"));
  });

  const failing: readonly { resolve?: string; apply?: string; message: RegExp }[] = [
    { resolve: "throw new TypeError('bad');", message: /^Failed to resolve\(\): TypeError: bad$/ },
    { resolve: "return 'Maybe';", message: /^resolve\(\) returned invalid status value: "Maybe"$/ },
    { resolve: "return 7;", message: /^resolve\(\) returned invalid status value: "7"$/ },
    { resolve: "return {};", message: /^resolve\(\) returned invalid status value: "\[object/ },
    {
      resolve: "return 'Accepted';",
      apply: "throw new Error('cannot');",
      message: /^Failed to apply\(\): Error: cannot$/,
    },
    {
      resolve: "return 'Accepted';",
      apply: "ccf.kv['x'].get(new ArrayBuffer(1));",
      message: /^Failed to apply\(\): TypeError: Cannot call get on table named x/,
    },
  ];
  for (const { message, ...functions } of failing) {
    it(`answers ${String(message)} and records nothing of a new proposal`, async () => {
      const consortium = await start({ constitution: constitutionOf(functions) });
      const { seqno } = consortium.ledger.snapshot();
      await assert.rejects(consortium.propose({}), isRefused("PROPOSAL_FAILED", message));
      assert.equal(consortium.ledger.snapshot().seqno, seqno);
    });
  }

  it("keeps a proposal open whose apply fails, without the ballot, with the reason", async () => {
    const consortium = await start({
      constitution: constitutionOf({
        resolve: "return votes.length > 1 ? 'Accepted' : 'Open';",
        apply:
          "ccf.kv['public:y'].set(ccf.strToBuf('k'), ccf.strToBuf('v')); throw new Error('not now');",
      }),
    });
    const { proposalId } = await consortium.propose({});
    await consortium.vote(proposalId, 0);
    await assert.rejects(consortium.vote(proposalId, 1), isRefused("PROPOSAL_FAILED", /not now/));
    const info = consortium.json(TABLES.proposalsInfo, proposalId) as Record<string, unknown>;
    assert.equal(info["state"], "Open");
    assert.deepEqual(Object.keys(info["ballots"] as object), [consortium.member(0).id]);
    assert.match(JSON.stringify(info["failure"]), /Failed to apply\(\): Error: not now.*at apply/);
    assert.equal(consortium.text("public:y", "k"), undefined);
    assert.notEqual(consortium.text(TABLES.coseHistory, consortium.member(1).id), undefined);
  });

  it("treats an effect that the primary refuses as a failure of apply", async () => {
    const consortium = await start();
    const refuse = (): void => {
      throw primaryErrors("EFFECT_FAILED", "no shares can be made");
    };
    const { proposalId } = await consortium.proposeAction("trigger_ledger_rekey");
    await consortium.vote(proposalId, 0);
    consortium.ledger.beforeSubmit = refuse;
    await assert.rejects(
      consortium.vote(proposalId, 1),
      isRefused("PROPOSAL_FAILED", /^Failed to apply\(\): no shares can be made$/),
    );
    const info = consortium.json(TABLES.proposalsInfo, proposalId) as Record<string, unknown>;
    assert.equal(info["state"], "Open");
    assert.deepEqual(info["failure"], { reason: "Failed to apply(): no shares can be made" });
    assert.deepEqual(consortium.ledger.effects, []);
  });

  it("forgets the reason of a failure once the proposal is decided", async () => {
    const consortium = await start({
      constitution: constitutionOf({
        resolve: "return votes.length > 1 ? 'Accepted' : 'Open';",
        apply:
          "if (!ccf.kv['public:ccf.gov.proposals'].has(ccf.strToBuf('go'))) throw new Error('wait');",
      }),
    });
    const { proposalId } = await consortium.propose({});
    await consortium.vote(proposalId, 0);
    await assert.rejects(consortium.vote(proposalId, 1), isRefused("PROPOSAL_FAILED"));
    consortium.ledger.append(new Map([[TABLES.proposals, new Map([["go", Buffer.from("1")]])]]));
    const { info } = await consortium.vote(proposalId, 1);
    assert.equal(info.state, "Accepted");
    assert.equal(info.failure, undefined);
  });

  it("tells proposals apart that were dropped, and prunes what is closed", async () => {
    const consortium = await start();
    const dropped = await consortium.propose(SET_USER);
    const rule = await consortium.proposeAction("add_snp_measurement", { measurement: "ab" });
    await consortium.vote(rule.proposalId, 0);
    await consortium.vote(rule.proposalId, 1);
    const state = (id: string): unknown =>
      (consortium.json(TABLES.proposalsInfo, id) as Record<string, unknown> | undefined)?.["state"];
    assert.equal(state(dropped.proposalId), "Dropped");
    await assert.rejects(
      consortium.vote(dropped.proposalId, 0),
      isRefused(
        "PROPOSAL_NOT_OPEN",
        /is currently in state dropped - only open proposals can receive votes$/,
      ),
    );
    const next = await consortium.propose(SET_USER);
    await consortium.vote(next.proposalId, 0);
    await consortium.vote(next.proposalId, 1);
    assert.equal(state(next.proposalId), "Accepted");
    for (const { proposalId } of [dropped, rule]) {
      assert.equal(state(proposalId), undefined);
      assert.equal(consortium.text(TABLES.proposals, proposalId), undefined);
    }
  });

  describe("ballots", () => {
    it("are answered again when they are the same, and refused when they differ", async () => {
      const consortium = await start();
      const { proposalId } = await consortium.propose(SET_USER);
      await consortium.vote(proposalId, 0);
      const { seqno } = consortium.ledger.snapshot();
      assert.equal((await consortium.vote(proposalId, 0)).info.state, "Open");
      assert.equal(consortium.ledger.snapshot().seqno, seqno);
      await assert.rejects(
        consortium.vote(proposalId, 0, NO),
        isRefused("VOTE_ALREADY_EXISTS", /Different ballot already submitted by m\[/),
      );
    });

    it("are refused for what is closed, and for what is not there", async () => {
      const consortium = await start();
      const { proposalId } = await consortium.propose(SET_USER);
      await consortium.vote(proposalId, 0);
      await consortium.vote(proposalId, 1);
      await assert.rejects(
        consortium.vote(proposalId, 2),
        isRefused("PROPOSAL_NOT_OPEN", /accepted/),
      );
      await assert.rejects(consortium.vote("1".repeat(64), 2), isRefused("PROPOSAL_NOT_FOUND"));
      await assert.rejects(consortium.vote("not hex", 2), isRefused("PROPOSAL_NOT_FOUND"));
      const request = signRequest(consortium.member(2), "ballot", { ballot: YES });
      await assert.rejects(
        submitBallot(request, consortium.scope),
        isRefused("INVALID_INPUT", /proposal_id/),
      );
    });

    const unreadable: readonly { ballot: unknown; code: string; message: RegExp }[] = [
      { ballot: null, code: "INVALID_INPUT", message: /required string field "ballot"/ },
      { ballot: 1, code: "INVALID_INPUT", message: /required string field "ballot"/ },
      { ballot: "export function vote (", code: "INVALID_BALLOT", message: /^Failed to compile/ },
      { ballot: "", code: "INVALID_BALLOT", message: /^Failed to find export 'vote'/ },
      {
        ballot: "export const vote = true;",
        code: "INVALID_BALLOT",
        message: /find export 'vote'/,
      },
      { ballot: "throw new Error('x')", code: "INVALID_BALLOT", message: /^Failed to execute/ },
      { ballot: "while (true) {}", code: "INVALID_BALLOT", message: /took too long/ },
      { ballot: "import 'x'", code: "INVALID_BALLOT", message: /^Failed to execute/ },
      {
        ballot: `export function vote() { return true }//${"x".repeat(300_000)}`,
        code: "INVALID_BALLOT",
        message: /at most 262144 characters/,
      },
    ];
    for (const { ballot, code, message } of unreadable) {
      it(`are refused when they are ${JSON.stringify(ballot)?.slice(0, 60)}`, async () => {
        const limits = {
          heapBytes: 32 << 20,
          stackBytes: 1 << 20,
          executionMs: 200,
          ballotMs: 200,
        };
        const consortium = await start({ limits });
        const { proposalId } = await consortium.propose(SET_USER);
        await assert.rejects(consortium.vote(proposalId, 0, ballot), isRefused(code, message));
        const info = consortium.json(TABLES.proposalsInfo, proposalId) as { ballots: object };
        assert.deepEqual(info.ballots, {});
      });
    }

    const cast: readonly { name: string; ballot: string; counts: boolean | RegExp }[] = [
      { name: "true", ballot: YES, counts: true },
      { name: "false", ballot: NO, counts: false },
      { name: "1", ballot: "export function vote() { return 1 }", counts: false },
      { name: '"true"', ballot: "export function vote() { return 'true' }", counts: false },
      { name: "a promise", ballot: "export async function vote() { return true }", counts: false },
      {
        name: "an error",
        ballot: "export function vote() { throw new Error('boom') }",
        counts: /"reason":"Error: boom","trace":" {4}at vote \(public:ccf.gov.proposals_info\[/,
      },
      {
        name: "nothing for ever",
        ballot: "export function vote() { for (;;); }",
        counts: /too long/,
      },
      {
        name: "a hostile error",
        ballot: "export function vote() { throw { toString() { throw 1 } } }",
        counts: /cannot be shown/,
      },
      {
        name: "a look at what it may not see",
        ballot: "export function vote() { return ccf.kv['public:app'].size === 0 }",
        counts: /inaccessible in current \(read-only governance\)/,
      },
      {
        name: "a look at the proposal",
        ballot:
          "export function vote(raw, proposer) { return JSON.parse(raw).actions[0].name === 'set_user' && proposer.length === 64 }",
        counts: true,
      },
    ];
    for (const { name, ballot, counts } of cast) {
      it(`that say ${name} are counted as that`, async () => {
        const limits = {
          heapBytes: 32 << 20,
          stackBytes: 1 << 20,
          executionMs: 200,
          ballotMs: 200,
        };
        const consortium = await start({ limits });
        const { proposalId } = await consortium.propose(SET_USER);
        await consortium.vote(proposalId, 2, ballot);
        await consortium.vote(proposalId, 0);
        const info = counts === true ? undefined : (await consortium.vote(proposalId, 1)).info;
        const stored =
          info ?? (consortium.json(TABLES.proposalsInfo, proposalId) as NonNullable<typeof info>);
        assert.equal(stored.state, "Accepted");
        const { id } = consortium.member(2);
        if (typeof counts === "boolean") assert.equal(stored.final_votes?.[id], counts);
        else {
          assert.equal(stored.final_votes?.[id], undefined);
          assert.match(JSON.stringify(stored.vote_failures?.[id]), counts);
        }
      });
    }

    it("are evaluated anew each time, on the state of the moment", async () => {
      const consortium = await start();
      const { proposalId } = await consortium.propose(SET_USER);
      const ballot =
        "export function vote() { return ccf.kv['public:ccf.gov.users.info'].size > 0 }";
      await consortium.vote(proposalId, 0, ballot);
      consortium.ledger.append(new Map([[TABLES.usersInfo, new Map([["x", Buffer.from("{}")]])]]));
      assert.equal((await consortium.vote(proposalId, 1)).info.state, "Accepted");
    });

    it("of a member that was removed do not decide", async () => {
      const consortium = await start();
      const { proposalId } = await consortium.propose(SET_USER);
      await consortium.vote(proposalId, 2);
      await consortium.pass("remove_member", { member_id: consortium.member(2).id });
      assert.equal((await consortium.vote(proposalId, 0)).info.state, "Open");
      assert.equal((await consortium.vote(proposalId, 1)).info.state, "Accepted");
    });
  });

  describe("withdrawal", () => {
    const withdraw = (
      consortium: Consortium,
      proposalId: string | undefined,
      by: number,
    ): ReturnType<typeof withdrawProposal> => {
      const options = proposalId === undefined ? {} : { proposalId };
      return withdrawProposal(
        signRequest(consortium.member(by), "withdrawal", undefined, options),
        consortium.scope,
      );
    };

    it("is the proposer's, and the same when it is done twice", async () => {
      const consortium = await start();
      const { proposalId } = await consortium.propose(SET_USER);
      await assert.rejects(
        withdraw(consortium, proposalId, 1),
        isRefused("AUTHORIZATION_FAILED", /can only be withdrawn by proposer m\[.*not caller m\[/),
      );
      assert.equal((await withdraw(consortium, proposalId, 0)).value.info.state, "Withdrawn");
      assert.equal((await withdraw(consortium, proposalId, 0)).value.info.state, "Withdrawn");
      await assert.rejects(
        consortium.vote(proposalId, 1),
        isRefused("PROPOSAL_NOT_OPEN", /withdrawn/),
      );
    });

    it("is refused for what is decided, for what is not there, and without an id", async () => {
      const consortium = await start();
      const { proposalId } = await consortium.propose(SET_USER);
      await consortium.vote(proposalId, 0);
      await consortium.vote(proposalId, 1);
      await assert.rejects(withdraw(consortium, proposalId, 0), isRefused("PROPOSAL_NOT_OPEN"));
      await assert.rejects(
        withdraw(consortium, "0".repeat(64), 0),
        isRefused("PROPOSAL_NOT_FOUND"),
      );
      await assert.rejects(withdraw(consortium, undefined, 0), isRefused("INVALID_INPUT"));
    });
  });

  describe("the replay window", () => {
    it("refuses the same request, and names its proposal", async () => {
      const consortium = await start();
      const request = signRequest(consortium.member(0), "proposal", SET_USER);
      const { value } = await createProposal(request, consortium.scope);
      await assert.rejects(
        createProposal(request, consortium.scope),
        (error) =>
          isRefused(
            "PROPOSAL_REPLAY",
            new RegExp(`already exists as proposal ${value.proposalId}$`),
          )(error) &&
          isAppError(error) &&
          error.details["proposal_id"] === value.proposalId,
      );
    });

    it("refuses what is older than the middle of the last proposals", async () => {
      const consortium = await start();
      const at = (createdAt: number, by = 0): Promise<unknown> =>
        createProposal(
          signRequest(consortium.member(by), "proposal", SET_USER, { createdAt }),
          consortium.scope,
        );
      for (const createdAt of [100, 200, 300]) await at(createdAt);
      await assert.rejects(
        at(199),
        isRefused("PROPOSAL_CREATED_TOO_LONG_AGO", /created_at must be greater than 200$/),
      );
      await at(200, 1);
      await at(consortium.now() + 86_000);
      await assert.rejects(at(9_999_999_999), isRefused("INVALID_CREATED_AT", /far future$/));
      await assert.rejects(at(10_000_000_000), isRefused("INVALID_CREATED_AT", /too large$/));
    });

    it("keeps as many as the service is configured to", async () => {
      const consortium = await start({ replayWindow: 4 });
      for (let createdAt = 100; createdAt < 110; createdAt += 1) {
        const request = signRequest(consortium.member(0), "proposal", SET_USER, { createdAt });
        await createProposal(request, consortium.scope);
      }
      const kept = [...consortium.ledger.state.committed.entries(TABLES.coseRecentProposals)];
      assert.deepEqual(
        kept.map(([key]) => key.slice(0, 11)),
        ["0000000106:", "0000000107:", "0000000108:", "0000000109:"],
      );
    });

    it("comes after validation: an old proposal that is invalid is told that", async () => {
      const consortium = await start();
      await consortium.propose(SET_USER);
      const old = signRequest(consortium.member(0), "proposal", { actions: 1 }, { createdAt: 1 });
      await assert.rejects(
        createProposal(old, consortium.scope),
        isRefused("PROPOSAL_FAILED_TO_VALIDATE"),
      );
    });
  });
});
