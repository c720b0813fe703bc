// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { isAppError } from "@consortium/kit";
import { governance } from "@consortium/proto";
import { encode, Tagged } from "cborg";
import { Consortium } from "../harness/consortium.js";
import {
  acknowledge,
  type Action,
  decide,
  type GovernanceClient,
  NO,
  propose,
  proposalRequest,
  vote,
  YES,
} from "../harness/governing.js";
import { createMember, createParticipant, type Participant } from "../harness/participants.js";
import { changesNothing, type Refusal, refused, type Witnesses } from "../harness/refusal.js";
import { encodeHeader, nowSeconds, signatureOf, signRequest } from "../harness/signed-request.js";

/* What members can send to a real governance process, and must not get through with. */

let consortium: Consortium;
let client: GovernanceClient;
let witnesses: Witnesses;
let stranger: Participant;

before(async () => {
  consortium = await Consortium.start();
  client = consortium.governanceClient();
  witnesses = { node: consortium.nodeClient(), governance: client };
  stranger = await createParticipant(consortium.folder, "stranger");
});
after(async () => {
  await using started = consortium;
  witnesses.node.close();
  client.close();
  // The processes that were sent all of this are the ones that were started, and they end in order.
  await started.stop();
});

const HARMLESS: Action = { name: "set_recovery_threshold", args: { recovery_threshold: 1 } };
const harmless = Buffer.from(JSON.stringify({ actions: [HARMLESS] }));
const INVALID_COSE: Refusal = { code: "INVALID_COSE", category: "invalid_argument" };
const INVALID_INPUT: Refusal = { code: "INVALID_INPUT", category: "invalid_argument" };
const UNAUTHENTICATED: Refusal = { code: "INVALID_AUTHENTICATION", category: "unauthenticated" };
const NOT_VALID: Refusal = { code: "PROPOSAL_FAILED_TO_VALIDATE", category: "invalid_argument" };

async function send(coseSign1: Uint8Array, expected: Refusal): Promise<void> {
  await changesNothing(witnesses, () => refused(client.createProposal({ coseSign1 }), expected));
}

/** A proposal of the first member with something in its place. */
function proposal(payload: Uint8Array | string, content: object = {}): Uint8Array {
  const bytes = Buffer.from(payload);
  return signRequest(consortium.member, { type: "proposal", payload: bytes, ...content });
}

suite("Who may propose", () => {
  test("A signature by another key than the named member's is refused", async () => {
    const keyId = Buffer.from(consortium.member.id);
    const message = signRequest(stranger, { type: "proposal", payload: harmless, keyId });
    await send(message, UNAUTHENTICATED);
  });

  test("A signer that is no member is refused", async () => {
    await send(proposalRequest(stranger, [HARMLESS]), {
      ...UNAUTHENTICATED,
      message: /not a known member/,
    });
  });

  test("A member that has not acknowledged may do nothing else", async () => {
    const newcomer = await createMember(consortium.folder, "newcomer");
    const args = { cert: newcomer.certificate };
    await consortium.decide({ name: "set_member", args });
    await send(proposalRequest(newcomer, [HARMLESS]), {
      ...UNAUTHENTICATED,
      message: /not an ACTIVE member/,
    });
    await acknowledge(client, newcomer);
    const { proposalId } = await propose(client, newcomer, HARMLESS);
    const withdrawal = { type: "withdrawal", payload: new Uint8Array(), proposalId };
    await client.withdrawProposal({ coseSign1: signRequest(newcomer, withdrawal) });
    await consortium.decide({ name: "remove_member", args: { member_id: newcomer.id } });
  });

  test("A signature that was changed by one bit is refused", async () => {
    const message = proposal(harmless);
    message[message.length - 1]! ^= 1;
    await send(message, UNAUTHENTICATED);
  });

  test("A payload that was changed after it was signed is refused", async () => {
    const message = Buffer.from(proposal(harmless));
    const at = message.indexOf('"recovery_threshold":1') + '"recovery_threshold":'.length;
    message[at] = "2".charCodeAt(0);
    await send(message, UNAUTHENTICATED);
  });
});

suite("What a signed request must say", () => {
  for (const type of ["ballot", "withdrawal", "ack", "state_digest", "recovery_share"]) {
    test(`A message of type ${type} is no proposal`, async () => {
      await send(proposal(harmless, { type }), {
        ...UNAUTHENTICATED,
        message: /expected ccf.gov.msg.type to be proposal/,
      });
    });
  }

  test("A message without a type is refused", async () => {
    await send(proposal(harmless, { type: undefined }), UNAUTHENTICATED);
  });

  const headers: [string, object][] = [
    ["a time before 1970", { createdAt: -1 }],
    ["a time in text", { createdAt: "now" }],
    ["a time with a fraction", { createdAt: 1.5 }],
    ["an algorithm that the key has not", { algorithm: -257 }],
    ["an empty key id", { keyId: new Uint8Array() }],
    ["a critical header that is unknown", { headers: new Map([[2, ["x"]]]) }],
    ["a proposal id that is no text", { proposalId: 7 }],
  ];
  for (const [name, content] of headers) {
    test(`A message with ${name} is refused`, async () => {
      await send(proposal(harmless, content), INVALID_COSE);
    });
  }

  test("A time of ten digits is the largest", async () => {
    await send(proposal(harmless, { createdAt: 10_000_000_000 }), {
      code: "INVALID_CREATED_AT",
      category: "invalid_argument",
    });
  });

  test("The algorithm of the other curve is refused as a wrong signature", async () => {
    await send(proposal(harmless, { algorithm: -7 }), UNAUTHENTICATED);
  });
});

suite("What is no message at all", () => {
  const parts = (change: (parts: unknown[]) => unknown): Uint8Array => {
    const header = encodeHeader(consortium.member, { type: "proposal", payload: harmless });
    const signature = signatureOf(consortium.member, header, harmless);
    return encode(change([header, new Map(), harmless, signature]));
  };
  const malformed: [string, () => Uint8Array][] = [
    ["no bytes", () => new Uint8Array()],
    ["text", () => Buffer.from("hello")],
    ["JSON", () => harmless],
    ["a COSE message without its tag", () => parts((all) => all)],
    ["a COSE message with another tag", () => parts((all) => new Tagged(98, all))],
    ["a COSE message of three parts", () => parts((all) => new Tagged(18, all.slice(0, 3)))],
    ["a COSE message of five parts", () => parts((all) => new Tagged(18, [...all, 0]))],
    ["a detached payload", () => parts(([h, u, , s]) => new Tagged(18, [h, u, null, s]))],
    [
      "an unprotected header that is not empty",
      () => parts(([h, , p, s]) => new Tagged(18, [h, new Map([[4, "x"]]), p, s])),
    ],
    ["a header that is no CBOR", () => parts(([, u, p, s]) => new Tagged(18, [b("ff"), u, p, s]))],
    ["a header that is no map", () => parts(([, u, p, s]) => new Tagged(18, [b("80"), u, p, s]))],
    [
      "a header with a key twice",
      () => parts(([, u, p, s]) => new Tagged(18, [b("a201260126"), u, p, s])),
    ],
    [
      "a header of indefinite length",
      () => parts(([, u, p, s]) => new Tagged(18, [b("bf0126ff"), u, p, s])),
    ],
    ["a message that is cut off", () => proposal(harmless).subarray(0, -1)],
    ["a message with a byte too many", () => Buffer.concat([proposal(harmless), b("00")])],
    ["an array that claims four billion parts", () => b("d29affffffff")],
    ["arrays in arrays without end", () => Buffer.alloc(100_000, 0x81)],
  ];
  for (const [name, message] of malformed) {
    test(`It is refused as COSE: ${name}`, () => send(message(), INVALID_COSE));
  }
});

suite("What is no JSON", () => {
  const payloads: [string, string | Uint8Array][] = [
    ["no bytes", ""],
    ["half an object", '{"actions": ['],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["a name twice", '{"actions": [], "actions": []}'],
    ["__proto__ as a name", '{"actions": [], "__proto__": {}}'],
    ["a number beyond 2^53", '{"actions": [{"name": "x", "args": {"n": 9007199254740993}}]}'],
    ["a thousand levels", "[".repeat(1000) + "]".repeat(1000)],
    ["JavaScript", "{actions: []}"],
    ["something after the value", '{"actions": []} {}'],
  ];
  for (const [name, payload] of payloads) {
    test(`It is refused as input: ${name}`, () => send(proposal(payload), INVALID_INPUT));
  }
});

suite("What the constitution does not find valid", () => {
  const bodies: [string, unknown, RegExp][] = [
    ["no actions", {}, /actions/],
    ["actions that are no list", { actions: {} }, /actions/],
    ["an action that nobody knows", { actions: [{ name: "make_coffee" }] }, /make_coffee/],
    ["a name from the object prototype", { actions: [{ name: "toString" }] }, /toString/],
    ["a user without a certificate", { actions: [{ name: "set_user", args: {} }] }, /cert/],
    [
      "a certificate that is none",
      { actions: [{ name: "set_user", args: { cert: "nonsense" } }] },
      /cert/,
    ],
    [
      "a threshold in text",
      { actions: [{ name: "set_recovery_threshold", args: { recovery_threshold: "2" } }] },
      /recovery_threshold/,
    ],
    [
      "a constitution that does not compile",
      { actions: [{ name: "set_constitution", args: { constitution: "export function (" } }] },
      /constitution/,
    ],
    [
      "a good action before a bad one",
      { actions: [HARMLESS, { name: "remove_user", args: { user_id: 7 } }] },
      /user_id/,
    ],
  ];
  for (const [name, body, message] of bodies) {
    test(`It is refused with the argument named: ${name}`, () =>
      send(proposal(JSON.stringify(body)), { ...NOT_VALID, message }));
  }
});

suite("Programs that would not end", () => {
  const hungry: [string, string][] = [
    ["runs for ever", "while (true) {}"],
    ["takes all memory", "const all = []; while (true) all.push(new Uint8Array(1 << 20));"],
    ["recurses without end", "(function again() { again(); })();"],
    ["makes one huge text", 'let s = "x"; while (true) s += s;'],
  ];
  for (const [name, program] of hungry) {
    test(`A new constitution that ${name} is refused in time`, async () => {
      const constitution = `${program}\nexport function validate() {}\nexport function resolve() {}\nexport function apply() {}`;
      const body = { actions: [{ name: "set_constitution", args: { constitution } }] };
      const begin = performance.now();
      await send(proposal(JSON.stringify(body)), NOT_VALID);
      assert.ok(performance.now() - begin < 5_000);
    });

    test(`A ballot that ${name} when it is read does not count, and the proposal stays open`, async () => {
      const { proposalId } = await propose(client, consortium.member, HARMLESS);
      // Taken or refused: when the engine itself gave up, nobody knows what it was doing.
      const outcome = await vote(client, consortium.member, proposalId, `${program}\n${YES}`).catch(
        (error: unknown) => error,
      );
      if (outcome instanceof Error) assert.ok(isAppError(outcome, "INVALID_BALLOT"));
      await requireOpen(proposalId);
      await withdraw(proposalId);
    });

    test(`A ballot that ${name} when it is asked does not count, and the proposal stays open`, async () => {
      const { proposalId } = await propose(client, consortium.member, HARMLESS);
      const ballot = `export function vote () { ${program} }`;
      await vote(client, consortium.member, proposalId, ballot);
      await requireOpen(proposalId);
      await withdraw(proposalId);
    });
  }

  test("A hostile ballot cannot stop the others, and is shown with its reason", async () => {
    const [hostile, second, third] = consortium.members;
    const { proposalId } = await propose(client, hostile!, HARMLESS);
    await vote(client, hostile!, proposalId, "export function vote () { while (true) {} }");
    await vote(client, second!, proposalId);
    await requireOpen(proposalId);
    const decided = await vote(client, third!, proposalId);
    assert.equal(decided.state, governance.ProposalState.ACCEPTED);
    assert.deepEqual(Object.keys(decided.voteFailures), [hostile!.id]);
  });
});

suite("When a proposal was signed", () => {
  test("The very same message a second time is a replay", async () => {
    const message = proposal(harmless);
    const { proposal: first } = await client.createProposal({ coseSign1: message });
    await send(message, { code: "PROPOSAL_REPLAY", category: "already_exists" });
    await withdraw(first!.proposalId);
    await send(message, { code: "PROPOSAL_REPLAY", category: "already_exists" });
  });

  test("One that is older than the middle of the last ones is refused", async () => {
    const createdAt = nowSeconds() - 3600;
    await send(proposalRequest(consortium.member, [HARMLESS], createdAt), {
      code: "PROPOSAL_CREATED_TOO_LONG_AGO",
      category: "failed_precondition",
    });
  });
});

suite("Votes", () => {
  test("A member cannot vote otherwise than it did", async () => {
    const { proposalId } = await propose(client, consortium.member, HARMLESS);
    await vote(client, consortium.member, proposalId, YES);
    await changesNothing(witnesses, () =>
      refused(vote(client, consortium.member, proposalId, NO), {
        code: "VOTE_ALREADY_EXISTS",
        category: "already_exists",
      }),
    );
    await withdraw(proposalId);
  });

  test("The same vote again is answered as before and recorded once", async () => {
    const { proposalId } = await propose(client, consortium.member, HARMLESS);
    await vote(client, consortium.member, proposalId, YES);
    await changesNothing(witnesses, () => vote(client, consortium.member, proposalId, YES));
    await withdraw(proposalId);
  });

  test("A closed proposal takes no vote and no withdrawal", async () => {
    const { proposalId } = await decide(client, consortium.members, HARMLESS);
    const late = consortium.members[2]!;
    const closed: Refusal = { code: "PROPOSAL_NOT_OPEN", category: "failed_precondition" };
    await changesNothing(witnesses, () => refused(vote(client, late, proposalId), closed));
    await changesNothing(witnesses, () => refused(withdraw(proposalId), closed));
  });

  test("There is no voting on what was never proposed", async () => {
    await changesNothing(witnesses, () =>
      refused(vote(client, consortium.member, "0".repeat(64)), {
        code: "PROPOSAL_NOT_FOUND",
        category: "not_found",
      }),
    );
  });

  const ballots: [string, string, string][] = [
    ["that does not compile", "export function vote (", "INVALID_BALLOT"],
    [
      "that throws when it is read",
      "throw new Error('no'); export function vote () {}",
      "INVALID_BALLOT",
    ],
    ["without a function vote", "export function veto () { return true; }", "INVALID_BALLOT"],
    ["of a megabyte", `${YES}//${"x".repeat(1 << 20)}`, "INVALID_BALLOT"],
  ];
  for (const [name, ballot, code] of ballots) {
    test(`A ballot ${name} is refused`, async () => {
      const { proposalId } = await propose(client, consortium.member, HARMLESS);
      await changesNothing(witnesses, () =>
        refused(vote(client, consortium.member, proposalId, ballot), { code }),
      );
      await withdraw(proposalId);
    });
  }

  test("A ballot that does not name its proposal, or holds no ballot, is refused", async () => {
    const payload = Buffer.from(JSON.stringify({ ballot: YES }));
    const nameless = signRequest(consortium.member, { type: "ballot", payload });
    const { proposalId } = await propose(client, consortium.member, HARMLESS);
    const wrong = { type: "ballot", payload: Buffer.from('{"vote": true}'), proposalId };
    const empty = signRequest(consortium.member, wrong);
    await changesNothing(witnesses, async () => {
      await refused(client.submitBallot({ coseSign1: nameless }), INVALID_INPUT);
      await refused(client.submitBallot({ coseSign1: empty }), INVALID_INPUT);
    });
    await withdraw(proposalId);
  });

  test("Only who proposed may withdraw", async () => {
    const { proposalId } = await propose(client, consortium.member, HARMLESS);
    await changesNothing(witnesses, () =>
      refused(withdraw(proposalId, consortium.members[1]), {
        code: "AUTHORIZATION_FAILED",
        category: "permission_denied",
      }),
    );
    await withdraw(proposalId);
  });
});

suite("Acknowledgements", () => {
  test("Another digest than the one that was asked for is refused", async () => {
    const payload = Buffer.from(JSON.stringify({ stateDigest: "0".repeat(64) }));
    const coseSign1 = signRequest(consortium.member, { type: "ack", payload });
    await changesNothing(witnesses, () =>
      refused(client.acknowledgeStateDigest({ coseSign1 }), {
        code: "STATE_DIGEST_MISMATCH",
        category: "invalid_argument",
      }),
    );
  });
});

suite("Sizes", () => {
  test("A message beyond the limit is refused before it is read", async () => {
    const large = JSON.stringify({ actions: [HARMLESS], filling: "x".repeat(3_900_000) });
    const { proposal: taken } = await client.createProposal({ coseSign1: proposal(large) });
    await withdraw(taken!.proposalId);
    using sender = consortium.governanceClient({ sendBytesMax: 16 << 20 });
    const huge = proposal(JSON.stringify({ actions: [], filling: "x".repeat(5_000_000) }));
    await changesNothing(witnesses, () =>
      refused(sender.createProposal({ coseSign1: huge }), {
        code: "RESOURCE_EXHAUSTED",
        category: "resource_exhausted",
      }),
    );
  });
});

async function requireOpen(proposalId: string): Promise<void> {
  const { proposal: found } = await client.getProposal({ proposalId });
  assert.equal(found?.state, governance.ProposalState.OPEN);
}

async function withdraw(proposalId: string, by: Participant = consortium.member): Promise<void> {
  const message = { type: "withdrawal", payload: new Uint8Array(), proposalId };
  await client.withdrawProposal({ coseSign1: signRequest(by, message) });
}

function b(hex: string): Uint8Array {
  return Buffer.from(hex, "hex");
}
