// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TABLES } from "@consortium/ledger";
import { Sandbox } from "../sandbox/sandbox.js";
import { defaultConstitution } from "./default-constitution.js";
import { json, proposalId, state, userCert, userId } from "./testing/state.js";
import { proposalOf, type Rows, Trial, type Vote } from "./testing/trial.js";

describe("validate", () => {
  let sandbox: Sandbox;
  let trial: Trial;
  before(async () => {
    sandbox = await Sandbox.start();
    trial = new Trial(sandbox, defaultConstitution());
  });
  after(() => sandbox.close());

  it("accepts a proposal without actions, as CCF does", async () => {
    assert.deepEqual(await trial.validate(proposalOf()), { valid: true, description: "" });
  });

  const refused: readonly (readonly [proposal: string, description: string | RegExp])[] = [
    ["", /^the proposal is not JSON: /],
    ["this is no JSON", /^the proposal is not JSON: /],
    ["null", "the proposal must be an object but is null"],
    ["7", "the proposal must be an object but is a number"],
    ['"text"', "the proposal must be an object but is a string"],
    ['[{"name":"trigger_snapshot"}]', "the proposal must be an object but is an array"],
    ["{}", "actions must be an array but is missing"],
    ['{"actions":null}', "actions must be an array but is null"],
    ['{"actions":{}}', "actions must be an array but is an object"],
    ['{"actions":"trigger_snapshot"}', "actions must be an array but is a string"],
    ['{"__proto__":{"actions":[]}}', "actions must be an array but is missing"],
    [
      '{"actions":["trigger_snapshot"]}',
      "action at position 0 failed validation: action must be an object but is a string",
    ],
    [
      '{"actions":[null]}',
      "action at position 0 failed validation: action must be an object but is null",
    ],
    [
      '{"actions":[{}]}',
      "action at position 0 failed validation: name must be a string but is missing",
    ],
    [
      '{"actions":[{"name":["trigger_snapshot"]}]}',
      "action at position 0 failed validation: name must be a string but is an array",
    ],
    ['{"actions":[{"name":""}]}', ": no such action"],
    ['{"actions":[{"name":"Trigger_Snapshot"}]}', "Trigger_Snapshot: no such action"],
    ['{"actions":[{"name":"add_node_code"}]}', "add_node_code: no such action"],
    ...["__proto__", "constructor", "toString", "hasOwnProperty", "get", "size"].map(
      (name) => [json({ actions: [{ name }] }), `${name}: no such action`] as const,
    ),
  ];
  for (const [proposal, description] of refused) {
    it(`refuses ${proposal === "" ? "nothing" : proposal}`, async () => {
      const validation = await trial.validate(proposal, state);
      assert.equal(validation.valid, false);
      if (typeof description === "string") assert.equal(validation.description, description);
      else assert.match(validation.description ?? "", description);
    });
  }

  it("names everything that is wrong with a proposal", async () => {
    const proposal = proposalOf(
      { name: "set_user", args: {} },
      { name: "trigger_snapshot" },
      { name: "unknown" },
      { name: "remove_user", args: { user_id: "x" } },
    );
    const { description } = await trial.validate(proposal, state);
    assert.equal(
      description,
      "set_user at position 0 failed validation: cert must be a string but is missing, " +
        "unknown: no such action, " +
        "remove_user at position 3 failed validation: user_id must be 64 hex digits",
    );
  });
});

describe("resolve", () => {
  let sandbox: Sandbox;
  let trial: Trial;
  before(async () => {
    sandbox = await Sandbox.start();
    trial = new Trial(sandbox, defaultConstitution());
  });
  after(() => sandbox.close());

  const decisions: readonly (readonly [votes: string, active: number, decision: string])[] = [
    // Each letter is the vote of one member: yes or no.
    ["", 3, "Open"],
    ["y", 1, "Accepted"],
    ["n", 1, "Rejected"],
    ["y", 2, "Open"],
    ["yy", 2, "Accepted"],
    ["n", 2, "Rejected"],
    ["y", 3, "Open"],
    ["yy", 3, "Accepted"],
    ["n", 3, "Open"],
    ["nn", 3, "Rejected"],
    ["yn", 3, "Open"],
    ["ynn", 3, "Rejected"],
    ["yyn", 3, "Accepted"],
    ["nn", 4, "Rejected"],
    ["yyn", 4, "Open"],
    ["yynn", 4, "Rejected"],
    ["yyy", 4, "Accepted"],
    ["nn", 5, "Open"],
    ["nnn", 5, "Rejected"],
    ["", 0, "Open"],
  ];
  for (const [votes, active, decision] of decisions) {
    it(`says ${decision} to "${votes}" of ${active} active members`, async () => {
      assert.equal(await trial.resolve(votesOf(votes), membersOf(active)), decision);
    });
  }

  it("counts only members who are active now", async () => {
    const members = membersOf(3, { m0: "Accepted", m1: null });
    assert.equal(await trial.resolve(votesOf("yyy"), members), "Accepted");
    assert.equal(await trial.resolve(votesOf("yy"), members), "Open");
    assert.equal(await trial.resolve(votesOf("nn"), members), "Open");
    assert.equal(await trial.resolve(votesOf("nnn"), members), "Rejected");
  });
});

describe("apply", () => {
  let sandbox: Sandbox;
  let trial: Trial;
  before(async () => {
    sandbox = await Sandbox.start();
    trial = new Trial(sandbox, defaultConstitution());
  });
  after(() => sandbox.close());

  it("carries out the actions one after the other, each on what the others did", async () => {
    const proposal = proposalOf(
      { name: "set_user", args: { cert: userCert, user_data: { a: 1 } } },
      { name: "set_user_data", args: { user_id: userId, user_data: { b: 2 } } },
      { name: "set_ca_cert_bundle", args: { name: "a", cert_bundle: userCert } },
      {
        name: "set_jwt_issuer",
        args: { issuer: "https://a", auto_refresh: true, ca_cert_bundle_name: "a" },
      },
    );
    const { failure, writes } = await trial.apply(proposal, proposalId, state);
    assert.equal(failure, undefined);
    assert.equal(writes[TABLES.usersInfo]?.[userId], json({ user_data: { b: 2 } }));
  });

  it("says which action failed, and keeps what the service said of it", async () => {
    const proposal = proposalOf(
      { name: "trigger_snapshot" },
      { name: "transition_service_to_open", args: { next_service_identity: userCert } },
    );
    const { failure } = await trial.apply(proposal, proposalId, state);
    assert.match(
      failure ?? "",
      /^InternalError: transition_service_to_open at position 1 failed: Unable to open service: /,
    );
  });

  it("refuses an action that this constitution does not have", async () => {
    const { failure } = await trial.apply(proposalOf({ name: "unknown" }), proposalId, state);
    assert.equal(failure, "Error: unknown: no such action");
  });
});

function votesOf(letters: string): Vote[] {
  return letters
    .split("")
    .map((letter, index) => ({ member_id: `m${index}`, vote: letter === "y" }));
}

/** Members m0, m1 and so on, and two who are not active. */
function membersOf(active: number, changes: Record<string, string | null> = {}): Rows {
  const members: Record<string, string | null> = {
    p0: json({ status: "Accepted" }),
    p1: json({ status: "Accepted" }),
  };
  for (let index = 0; index < active; index += 1) members[`m${index}`] = json({ status: "Active" });
  for (const [id, status] of Object.entries(changes)) {
    members[id] = status === null ? null : json({ status });
  }
  return { [TABLES.membersInfo]: members };
}
