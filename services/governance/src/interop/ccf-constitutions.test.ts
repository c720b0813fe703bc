// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { TABLES } from "@consortium/ledger";
import { createProposal, type ProposalRecord } from "../proposal/create-proposal.js";
import { submitBallot } from "../proposal/submit-ballot.js";
import { exportsFault } from "../rehearse/check-exports.js";
import { Sandbox } from "../sandbox/sandbox.js";
import { Consortium, NO, YES } from "../testing/consortium.js";
import { createParty, type Party, signRequest } from "../testing/member.js";

/*
 * CCF's sample constitutions, as they are. They are not in this repository:
 *
 *   git clone --depth 1 https://github.com/microsoft/CCF
 *   CCF_CONSTITUTIONS=$PWD/CCF/samples/constitutions npm run test:interop
 */
const folder = process.env["CCF_CONSTITUTIONS"];

/** The files that make each of them, as CCF's own test network puts them together. */
const VARIANTS = {
  default: ["default/actions", "default/validate", "default/resolve", "default/apply"],
  veto: ["default/actions", "default/validate", "veto/resolve", "default/apply"],
  operator: ["default/actions", "default/validate", "operator/resolve", "default/apply"],
  operator_provisioner: [
    "default/actions",
    "default/validate",
    "operator_provisioner/resolve",
    "default/apply",
  ],
  sandbox: ["default/actions", "default/validate", "sandbox/resolve", "default/apply"],
  roles: [
    "default/actions",
    "roles/set_role_definition",
    "default/validate",
    "sandbox/resolve",
    "default/apply",
  ],
} as const;
type Variant = keyof typeof VARIANTS;

function sample(variant: Variant): string {
  const read = (name: string): string => readFileSync(join(folder ?? "", `${name}.js`), "utf8");
  return VARIANTS[variant].map(read).join("\n");
}

const THRESHOLD = ["set_recovery_threshold", { recovery_threshold: 2 }] as const;

describe(
  "a constitution of CCF's, unmodified",
  { skip: folder === undefined && "CCF_CONSTITUTIONS does not name CCF's samples/constitutions" },
  () => {
    let sandbox: Sandbox;
    before(async () => {
      sandbox = await Sandbox.start();
    });
    after(() => sandbox.close());

    /** Three members, under the default at first, who pass the variant as a proposal. */
    async function governedBy(variant: Variant): Promise<Consortium> {
      const consortium = await Consortium.start({ sandbox, constitution: sample("default") });
      if (variant !== "default") {
        const set = await consortium.pass("set_constitution", { constitution: sample(variant) });
        assert.equal(set.info.state, "Accepted");
      }
      const text: unknown = JSON.parse(consortium.text(TABLES.constitution, "\0".repeat(8)) ?? "");
      assert.equal(text, sample(variant));
      return consortium;
    }

    /** A new member without an encryption key, made active. */
    async function admit(consortium: Consortium, memberData: object): Promise<Party> {
      const party = createParty("newcomer");
      const args = { cert: party.cert, member_data: memberData };
      assert.equal((await consortium.pass("set_member", args)).info.state, "Accepted");
      await consortium.activate(party);
      return party;
    }

    async function proposeAs(
      consortium: Consortium,
      party: Party,
      name: string,
      args: object,
    ): Promise<ProposalRecord> {
      const options = { createdAt: consortium.now() };
      const request = signRequest(party, "proposal", { actions: [{ name, args }] }, options);
      return (await createProposal(request, consortium.scope)).value;
    }

    for (const variant of Object.keys(VARIANTS) as Variant[]) {
      it(`(${variant}) has what a constitution must have`, async () => {
        assert.equal(await exportsFault(sample(variant), sandbox), undefined);
        const consortium = await Consortium.start({ sandbox, constitution: sample(variant) });
        const wrong = consortium.proposeAction("set_recovery_threshold", {});
        await assert.rejects(wrong, (error) => isAppError(error, "PROPOSAL_FAILED_TO_VALIDATE"));
      });
    }

    it("(default) accepts with a majority, and stays open before", async () => {
      const consortium = await governedBy("default");
      const { proposalId, info } = await consortium.proposeAction(...THRESHOLD);
      assert.equal(info.state, "Open");
      assert.equal((await consortium.vote(proposalId, 0, NO)).info.state, "Open");
      assert.equal((await consortium.vote(proposalId, 1, YES)).info.state, "Open");
      assert.equal((await consortium.vote(proposalId, 2, YES)).info.state, "Accepted");
      const config = consortium.json(TABLES.serviceConfig, "\0".repeat(8));
      assert.equal((config as { recovery_threshold: number }).recovery_threshold, 2);
    });

    it("(veto) rejects as soon as one member votes against", async () => {
      const consortium = await governedBy("veto");
      const vetoed = await consortium.proposeAction(...THRESHOLD);
      assert.equal((await consortium.vote(vetoed.proposalId, 0, YES)).info.state, "Open");
      assert.equal((await consortium.vote(vetoed.proposalId, 1, NO)).info.state, "Rejected");
      assert.equal((await consortium.pass(...THRESHOLD)).info.state, "Accepted");
    });

    it("(sandbox) accepts at once", async () => {
      const consortium = await governedBy("sandbox");
      assert.equal((await consortium.proposeAction(...THRESHOLD)).info.state, "Accepted");
    });

    it("(operator) lets operators admit and remove operators alone, and nothing else", async () => {
      const consortium = await governedBy("operator");
      const operator = await admit(consortium, { is_operator: true });
      const colleague = createParty("colleague");
      const admitted = await proposeAs(consortium, operator, "set_member", {
        cert: colleague.cert,
        member_data: { is_operator: true },
      });
      assert.equal(admitted.info.state, "Accepted");
      const removal = { member_id: colleague.id };
      const removed = await proposeAs(consortium, operator, "remove_member", removal);
      assert.equal(removed.info.state, "Accepted");
      const other = await proposeAs(consortium, operator, ...THRESHOLD);
      assert.equal(other.info.state, "Open");
      // An operator is no member that counts, neither in favour nor in the number of members.
      const { proposalId } = other;
      const options = { createdAt: consortium.now(), proposalId };
      const ballot = signRequest(operator, "ballot", { ballot: YES }, options);
      assert.equal((await submitBallot(ballot, consortium.scope)).value.info.state, "Open");
      assert.equal((await consortium.vote(proposalId, 0)).info.state, "Open");
      assert.equal((await consortium.vote(proposalId, 1)).info.state, "Accepted");
    });

    it("(operator_provisioner) lets provisioners admit operators and nothing else", async () => {
      const consortium = await governedBy("default");
      const provisioner = await admit(consortium, { is_operator_provisioner: true });
      const set = { constitution: sample("operator_provisioner") };
      const { proposalId } = await consortium.pass("set_constitution", set);
      assert.equal((await consortium.vote(proposalId, 2)).info.state, "Accepted");
      const operator = createParty("operator");
      const args = { cert: operator.cert, member_data: { is_operator: true } };
      if (/\bproposer_id\b/.test(set.constitution)) {
        // The sample misspells a name of its own: it fails in CCF too, and here with the reason.
        await assert.rejects(
          proposeAs(consortium, provisioner, "set_member", args),
          (error) => isAppError(error, "PROPOSAL_FAILED") && /proposer_id/.test(error.message),
        );
        return;
      }
      const admitted = await proposeAs(consortium, provisioner, "set_member", args);
      assert.equal(admitted.info.state, "Accepted");
      const other = await proposeAs(consortium, provisioner, ...THRESHOLD);
      assert.equal(other.info.state, "Rejected");
    });

    it("(roles) writes what a role may do where applications read it", async () => {
      const consortium = await governedBy("roles");
      const define = (actions: readonly string[]): Promise<ProposalRecord> =>
        consortium.proposeAction("set_role_definition", { role: "auditor", actions });
      assert.equal((await define(["/log/read", "/log/list"])).info.state, "Accepted");
      assert.equal((await define(["/log/read"])).info.state, "Accepted");
      const rows = consortium.ledger.state.committed.entries(
        "public:programmability.roles.auditor",
      );
      assert.deepEqual(
        [...rows].map(([key]) => JSON.parse(key) as unknown),
        ["/log/read"],
      );
      await assert.rejects(define("all" as unknown as string[]), /must be an array/);
    });
  },
);
