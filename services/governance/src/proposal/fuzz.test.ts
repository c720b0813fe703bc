// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { TABLES } from "@consortium/ledger";
import fc from "fast-check";
import { Sandbox } from "../sandbox/sandbox.js";
import { Consortium } from "../testing/consortium.js";
import { createParty, sealEnvelope, signRequest } from "../testing/member.js";
import { createProposal } from "./create-proposal.js";

/** More in a long run: `FUZZ_RUNS=1000000`. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 300);

const ACTIONS = [
  "set_member",
  "remove_member",
  "set_member_data",
  "set_user",
  "set_user_data",
  "remove_user",
  "set_recovery_threshold",
  "set_constitution",
  "set_js_app",
  "set_js_runtime_options",
  "set_jwt_issuer",
  "set_service_configuration",
  "transition_service_to_open",
  "transition_node_to_trusted",
  "trigger_ledger_rekey",
  "add_snp_host_data",
  "set_snp_minimum_tcb_version",
  "constructor",
  "__proto__",
];
const ARGUMENTS = [
  "cert",
  "member_id",
  "member_data",
  "user_id",
  "user_data",
  "recovery_threshold",
  "constitution",
  "bundle",
  "issuer",
  "jwks",
  "node_id",
  "valid_from",
  "host_data",
  "cpuid",
  "tcb_version",
  "toString",
];
const EXPECTED = ["PROPOSAL_FAILED_TO_VALIDATE", "PROPOSAL_FAILED", "INVALID_INPUT"] as const;

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    "0".repeat(64),
    "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----",
    -1,
  ),
);
const action = fc.record(
  {
    name: fc.oneof(fc.constantFrom(...ACTIONS), fc.string()),
    args: fc.oneof(value, fc.dictionary(fc.constantFrom(...ARGUMENTS), value)),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.record({ actions: fc.array(action, { maxLength: 3 }) }),
  fc.jsonValue({ maxDepth: 3 }),
);

describe("whatever an active member signs", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start();
  });
  after(() => sandbox.close());

  it("is recorded as it is, or refused with a code and without a trace", async () => {
    const consortium = await Consortium.start({ sandbox, replayWindow: 2 });
    await fc.assert(
      fc.asyncProperty(body, async (proposal) => {
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
    // Every proposal that is valid is applied at once.
    const { defaultConstitution } = await import("../constitution/default-constitution.js");
    const constitution = defaultConstitution().replace(
      "export function resolve(",
      "function unused(",
    );
    const eager = `${constitution}\nexport function resolve(p, i, v) { return "Accepted"; }\n`;
    await fc.assert(
      fc.asyncProperty(body, async (proposal) => {
        const consortium = await Consortium.start({ sandbox, constitution: eager, members: 1 });
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
