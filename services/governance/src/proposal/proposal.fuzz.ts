// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fuzz } from "@consortium/crypto-wasm/testing";
import { isAppError } from "@consortium/kit";
import { TABLES } from "@consortium/ledger";
import fc from "fast-check";
import { Sandbox } from "../sandbox/sandbox.js";
import { arbitraryProposal, eagerConstitution } from "../testing/arbitrary-proposal.js";
import { Consortium, type ConsortiumOptions } from "../testing/consortium.js";

/* Proposals that go all the way: to the constitution, and what is valid to the ledger. */

const REFUSED = ["PROPOSAL_FAILED_TO_VALIDATE", "PROPOSAL_FAILED", "INVALID_INPUT"] as const;
/** So many proposals are made at once, and a new consortium for them: its ledger only grows. */
const BATCH = 500;

let sandbox: Sandbox;
before(async () => {
  sandbox = await Sandbox.start();
});
after(() => sandbox.close());

/** Proposals by the index of their case, and the consortium that they are put to. */
class Source {
  readonly #options: ConsortiumOptions;
  #proposals: unknown[] = [];
  #consortium: Consortium | undefined;

  constructor(options: ConsortiumOptions) {
    this.#options = { curve: "Secp256R1", sandbox, ...options };
  }

  proposal(index: number): unknown {
    if (index % BATCH === 0) {
      this.renew();
      this.#proposals = fc.sample(arbitraryProposal, { numRuns: BATCH, seed: index });
    }
    return this.#proposals[index % BATCH];
  }

  async consortium(): Promise<Consortium> {
    return (this.#consortium ??= await Consortium.start(this.#options));
  }

  renew(): void {
    this.#consortium = undefined;
  }
}

test("what a member proposes is recorded as it is, or refused without a trace", async (t) => {
  const source = new Source({ replayWindow: 2 });
  const outcomes = await fuzz(t, { cases: 40_000 }, async (_random, index) => {
    const proposal = source.proposal(index);
    const consortium = await source.consortium();
    const { seqno } = consortium.ledger.snapshot();
    try {
      const { proposalId, info } = await consortium.propose(proposal);
      assert.equal(consortium.text(TABLES.proposals, proposalId), JSON.stringify(proposal));
      return info.state;
    } catch (error) {
      assert.ok(isAppError(error, ...REFUSED), String(error));
      assert.equal(consortium.ledger.snapshot().seqno, seqno);
      return error.code;
    }
  });
  assert.ok((outcomes.get("Open") ?? 0) > 0);
});

test("what is accepted at once is applied, or fails with a reason", async (t) => {
  const source = new Source({ constitution: eagerConstitution(), members: 1 });
  const outcomes = await fuzz(t, { cases: 15_000 }, async (_random, index) => {
    const proposal = source.proposal(index);
    const consortium = await source.consortium();
    try {
      const { info } = await consortium.propose(proposal);
      // It may have changed who governs, and how.
      source.renew();
      return info.state;
    } catch (error) {
      assert.ok(isAppError(error, ...REFUSED), String(error));
      return error.code;
    }
  });
  assert.ok((outcomes.get("Accepted") ?? 0) > 0);
});
