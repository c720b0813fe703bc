// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import { Sandbox } from "../sandbox/sandbox.js";
import { Consortium } from "../testing/consortium.js";
import { createParty, type Party, signRequest } from "../testing/member.js";
import { acknowledge } from "./acknowledge.js";
import { updateStateDigest } from "./update-state-digest.js";

describe("acknowledging the state", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  async function update(
    consortium: Consortium,
    by: Party,
  ): Promise<{ memberId: string; stateDigest: string }> {
    const request = signRequest(by, "state_digest", undefined, { createdAt: consortium.now() });
    return (await updateStateDigest(request, consortium.scope)).value;
  }

  function ack(
    consortium: Consortium,
    by: Party,
    payload: unknown,
  ): ReturnType<typeof acknowledge> {
    return acknowledge(
      signRequest(by, "ack", payload, { createdAt: consortium.now() }),
      consortium.scope,
    );
  }

  it("answers the root that the last signature covers", async () => {
    const consortium = await Consortium.start({ sandbox, memberStatus: "Accepted" });
    const signed = consortium.json(TABLES.signatures, SINGLETON_KEY) as { root: string };
    const digest = await update(consortium, consortium.member(0));
    assert.deepEqual(digest, { memberId: consortium.member(0).id, stateDigest: signed.root });
    assert.deepEqual(consortium.json(TABLES.membersAcks, digest.memberId), {
      state_digest: signed.root,
    });
  });

  it("makes an Accepted member Active, with what it signed on the ledger", async () => {
    const consortium = await Consortium.start({ sandbox, memberStatus: "Accepted" });
    const member = consortium.member(0);
    const digest = await update(consortium, member);
    const request = signRequest(member, "ack", digest);
    await acknowledge(request, consortium.scope);
    assert.deepEqual(consortium.json(TABLES.membersInfo, member.id), { status: "Active" });
    assert.deepEqual(consortium.json(TABLES.membersAcks, member.id), {
      cose_sign1_req: Buffer.from(request).toString("base64"),
      state_digest: digest.stateDigest,
    });
    await acknowledge(request, consortium.scope);
    assert.deepEqual(consortium.json(TABLES.membersInfo, member.id), { status: "Active" });
  });

  it("does not depend on the signatures that are made meanwhile", async () => {
    const consortium = await Consortium.start({ sandbox });
    consortium.ledger.beforeSubmit = () => consortium.ledger.sign();
    await update(consortium, consortium.member(0));
    assert.equal(consortium.ledger.submitted.length, 1);
  });

  it("issues shares again when a recovery member joins a service that is open", async () => {
    for (const [status, role, expected] of [
      ["Open", undefined, 1],
      ["Open", "Owner", 1],
      ["Open", "NonParticipant", 0],
      ["Opening", undefined, 0],
    ] as const) {
      const consortium = await Consortium.start({ sandbox, status, memberStatus: "Accepted" });
      const member = consortium.member(0);
      if (role !== undefined) {
        const row = rows.membersInfo.encode({ status: "Accepted", recovery_role: role });
        consortium.ledger.append(new Map([[TABLES.membersInfo, new Map([[member.id, row]])]]));
      }
      await consortium.activate(member);
      await consortium.activate(member);
      const refreshes = consortium.ledger.effects.map(({ effect }) => effect?.$case);
      assert.deepEqual(
        refreshes,
        Array.from({ length: expected }, () => "triggerRecoverySharesRefresh"),
      );
    }
  });

  it("is refused with another digest, without one, or before any was asked for", async () => {
    const consortium = await Consortium.start({ sandbox, memberStatus: "Accepted" });
    const member = consortium.member(0);
    const code = (expected: string) => (error: unknown) => isAppError(error, expected);
    await assert.rejects(
      ack(consortium, member, { stateDigest: "" }),
      code("STATE_DIGEST_MISMATCH"),
    );
    const { stateDigest } = await update(consortium, member);
    await assert.rejects(
      ack(consortium, member, { stateDigest: "0".repeat(64) }),
      (error) =>
        isAppError(error, "STATE_DIGEST_MISMATCH") &&
        error.message ===
          `Submitted state digest is not valid.\nExpected\n ${stateDigest}\nReceived\n ${"0".repeat(64)}`,
    );
    await assert.rejects(ack(consortium, member, {}), code("INVALID_INPUT"));
    await assert.rejects(ack(consortium, member, [stateDigest]), code("INVALID_INPUT"));
    await assert.rejects(ack(consortium, member, "no JSON"), code("INVALID_INPUT"));
    await assert.rejects(
      ack(consortium, consortium.member(1), { memberId: member.id, stateDigest }),
      code("INVALID_AUTHENTICATION"),
    );
    assert.deepEqual(consortium.json(TABLES.membersInfo, member.id), { status: "Accepted" });
  });

  it("is refused for a member without a row to acknowledge", async () => {
    const consortium = await Consortium.start({ sandbox });
    const member = createParty("stray");
    const text = (value: string): Uint8Array => Buffer.from(value);
    consortium.ledger.append(
      new Map([
        [TABLES.membersCerts, new Map([[member.id, text(member.cert)]])],
        [TABLES.membersInfo, new Map([[member.id, text('{"status":"Accepted"}')]])],
      ]),
    );
    await assert.rejects(ack(consortium, member, { stateDigest: "00" }), (error) =>
      isAppError(error, "AUTHORIZATION_FAILED"),
    );
  });

  it("waits for the first signature", async () => {
    const consortium = await Consortium.start({ sandbox });
    consortium.ledger.append(new Map([[TABLES.tree, new Map([[SINGLETON_KEY, null]])]]));
    await assert.rejects(
      update(consortium, consortium.member(0)),
      (error) => isAppError(error, "NO_SIGNATURE_YET") && error.retryAfterMs !== undefined,
    );
  });
});
