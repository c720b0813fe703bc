// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TABLES } from "@consortium/ledger";
import { Sandbox } from "../sandbox/sandbox.js";
import { Consortium } from "../test-support/consortium.js";
import { createParty } from "../test-support/member.js";

describe("the life of a proposal", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  it("is accepted by more than half of the members, and applied", async () => {
    const consortium = await Consortium.start({ sandbox });
    const user = createParty("user0");
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
    assert.equal(consortium.text(TABLES.usersCerts, user.id), user.cert);
    assert.deepEqual(consortium.json(TABLES.usersInfo, user.id), { user_data: { name: "alice" } });
  });
});
