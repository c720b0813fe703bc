// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { TABLES } from "@consortium/ledger";
import fc from "fast-check";
import { Sandbox } from "../sandbox/sandbox.js";
import { arbitraryProposal, eagerConstitution } from "../testing/arbitrary-proposal.js";
import { Consortium } from "../testing/consortium.js";
import { createParty, sealEnvelope, signRequest } from "../testing/member.js";
import { createProposal } from "./create-proposal.js";

/** A taste of what `npm run test:fuzz` does at length. */
const RUNS = 300;
const EXPECTED = ["PROPOSAL_FAILED_TO_VALIDATE", "PROPOSAL_FAILED", "INVALID_INPUT"] as const;

describe("whatever an active member signs", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  it("is recorded as it is, or refused with a code and without a trace", async () => {
    const consortium = await Consortium.start({ sandbox, replayWindow: 2 });
    await fc.assert(
      fc.asyncProperty(arbitraryProposal, async (proposal) => {
        const { seqno } = consortium.ledger.snapshot();
        try {
          const { proposalId, info } = await consortium.propose(proposal);
          assert.equal(info.state, "Open");
          assert.equal(consortium.text(TABLES.proposals, proposalId), JSON.stringify(proposal));
        } catch (error) {
          assert.ok(isAppError(error, ...EXPECTED), String(error));
          assert.equal(consortium.ledger.snapshot().seqno, seqno);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("fails with a reason when it cannot be applied, whatever it is", async () => {
    const constitution = eagerConstitution();
    await fc.assert(
      fc.asyncProperty(arbitraryProposal, async (proposal) => {
        const consortium = await Consortium.start({ sandbox, constitution, members: 1 });
        try {
          const { info } = await consortium.propose(proposal);
          assert.ok(["Accepted", "Open"].includes(info.state));
        } catch (error) {
          assert.ok(isAppError(error, ...EXPECTED), String(error));
        }
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  it("is refused as COSE or as a signature when any part of it is random", async () => {
    const consortium = await Consortium.start({ sandbox });
    const stranger = createParty("stranger");
    const bytes = fc.uint8Array({ maxLength: 200 });
    const signed = signRequest(consortium.member(0), "proposal", { actions: [] });
    const envelope = fc.oneof(
      bytes,
      fc
        .tuple(bytes, bytes)
        .map(([header, payload]) => sealEnvelope(header, payload, (m) => stranger.key.sign(m))),
      fc
        .tuple(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }))
        .map(([at, change]) => signed.map((byte, index) => (index === at ? byte ^ change : byte))),
    );
    await fc.assert(
      fc.asyncProperty(envelope, async (message) => {
        await assert.rejects(
          async () => createProposal(message, consortium.scope),
          (error) => isAppError(error, "INVALID_COSE", "INVALID_AUTHENTICATION"),
        );
      }),
      { numRuns: RUNS },
    );
  });
});
