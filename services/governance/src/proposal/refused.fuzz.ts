// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fuzz, mutateCbor, pick, type Random, readCbor } from "@consortium/crypto-wasm/testing";
import { AppError, isAppError } from "@consortium/kit";
import type { MessageType } from "../request/message-type.js";
import { parseStrictJson } from "../request/strict-json.js";
import { Consortium, NO, YES } from "../testing/consortium.js";
import { createParty, protectedHeader, sealEnvelope, signRequest } from "../testing/member.js";
import { mutateJson } from "../testing/mutate-json.js";
import { createProposal } from "./create-proposal.js";
import { submitBallot } from "./submit-ballot.js";
import { withdrawProposal } from "./withdraw-proposal.js";

/* Everything on the way of a request that comes before the constitution, with true signatures. */

const OPERATIONS = {
  proposal: createProposal,
  ballot: submitBallot,
  withdrawal: withdrawProposal,
} as const;
type Operation = keyof typeof OPERATIONS;
const NAMES = ["proposal", "ballot", "withdrawal"] as const satisfies readonly Operation[];

const BODY = {
  actions: [{ name: "set_recovery_threshold", args: { recovery_threshold: 1 } }],
};
const PAYLOADS: Readonly<Record<Operation, string>> = {
  proposal: JSON.stringify(BODY),
  ballot: JSON.stringify({ ballot: YES }),
  withdrawal: "",
};
const CODES = [
  "INVALID_COSE",
  "INVALID_AUTHENTICATION",
  "INVALID_INPUT",
  "PROPOSAL_NOT_FOUND",
  "PROPOSAL_NOT_OPEN",
  "AUTHORIZATION_FAILED",
  "VOTE_ALREADY_EXISTS",
];

interface Wrong {
  readonly operation: Operation;
  readonly envelope: Uint8Array;
}

let consortium: Consortium;
/** Proposals of the first member: an open one, against which the second voted, and a withdrawn one. */
let open = "";
let withdrawn = "";
let valid: Readonly<Record<Operation, Uint8Array>>;

before(async () => {
  consortium = await Consortium.start({ curve: "Secp256R1" });
  open = (await consortium.propose(BODY)).proposalId;
  withdrawn = (await consortium.propose(BODY)).proposalId;
  await consortium.vote(open, 1, NO);
  await withdrawProposal(sign("withdrawal", "", { proposalId: withdrawn }), consortium.scope);
  const [proposal, ballot, withdrawal] = NAMES.map((operation) =>
    sign(operation, PAYLOADS[operation], operation === "proposal" ? {} : { proposalId: open }),
  );
  assert.ok(proposal !== undefined && ballot !== undefined && withdrawal !== undefined);
  valid = { proposal, ballot, withdrawal };
});
after(() => consortium[Symbol.asyncDispose]());

function sign(
  type: MessageType,
  payload: string,
  { by = 0, ...options }: { by?: number; proposalId?: string } = {},
): Uint8Array {
  const createdAt = consortium.now();
  return signRequest(consortium.member(by), type, Buffer.from(payload), { ...options, createdAt });
}

test("a request that is wrong is refused with a code, and leaves no trace", async (t) => {
  const stranger = createParty("stranger", "Secp256R1");
  const trees = {
    proposal: readCbor(valid.proposal),
    ballot: readCbor(valid.ballot),
    withdrawal: readCbor(valid.withdrawal),
  };
  const makers: readonly ((random: Random) => Wrong)[] = [
    // The signature is that of what was there before the change.
    (random) => {
      const operation = pick(random, NAMES);
      for (;;) {
        const envelope = mutateCbor(trees[operation], random);
        if (!Buffer.from(valid[operation]).equals(envelope)) return { operation, envelope };
      }
    },
    (random) => {
      const operation = pick(random, ["proposal", "ballot"] as const);
      const options = operation === "proposal" ? {} : { proposalId: open };
      return {
        operation,
        envelope: sign(operation, notJson(PAYLOADS[operation], random), options),
      };
    },
    (random) => {
      const operation = pick(random, NAMES);
      const types = ["proposal", "ballot", "withdrawal", "ack", "state_digest"] as const;
      const type = pick(random, types);
      const other = type === operation ? "recovery_share" : type;
      return { operation, envelope: sign(other, PAYLOADS[operation], { proposalId: open }) };
    },
    (random) => {
      const operation = pick(random, NAMES);
      const claimed = pick(random, [stranger, consortium.member(0)]);
      const header = protectedHeader(claimed, operation, { createdAt: consortium.now() });
      const payload = Buffer.from(PAYLOADS[operation]);
      return { operation, envelope: sealEnvelope(header, payload, (m) => stranger.key.sign(m)) };
    },
    (random) => {
      const operation = pick(random, ["ballot", "withdrawal"] as const);
      const proposalId = mutateJson(open, random);
      const envelope = sign(operation, PAYLOADS[operation], {
        proposalId: proposalId === open || proposalId === withdrawn ? "" : proposalId,
      });
      return { operation, envelope };
    },
    (random) => {
      const envelope = sign("ballot", mutateJson(PAYLOADS.ballot, random), {
        by: random(3),
        proposalId: withdrawn,
      });
      return { operation: "ballot", envelope };
    },
    (random) => {
      const envelope = sign("withdrawal", mutateJson("", random), {
        by: 1 + random(2),
        proposalId: pick(random, [open, withdrawn]),
      });
      return { operation: "withdrawal", envelope };
    },
    (random) => {
      const ballot = `${mutateJson(YES, random)} // not the one before`;
      const envelope = sign("ballot", JSON.stringify({ ballot }), { by: 1, proposalId: open });
      return { operation: "ballot", envelope };
    },
  ];
  const { seqno } = consortium.ledger.snapshot();
  const outcomes = await fuzz(t, { cases: 500_000 }, async (random) => {
    const { operation, envelope } = pick(random, makers)(random);
    try {
      await OPERATIONS[operation](envelope, consortium.scope);
    } catch (error) {
      assert.ok(isAppError(error), String(error));
      assert.equal(consortium.ledger.snapshot().seqno, seqno);
      return error.code;
    }
    return assert.fail(`a wrong ${operation} was taken`);
  });
  assert.deepEqual([...outcomes.keys()].toSorted(), CODES.toSorted());
});

function notJson(text: string, random: Random): string {
  for (;;) {
    const changed = mutateJson(text, random);
    try {
      parseStrictJson(changed);
    } catch (error) {
      assert.ok(error instanceof AppError, String(error));
      return changed;
    }
  }
}
