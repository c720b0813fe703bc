// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash, sign } from "node:crypto";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { KvState, rows, TABLES, Transaction, type WriteSet } from "@consortium/ledger";
import { encode } from "cborg";
import fc from "fast-check";
import { put } from "../testing/in-process-ledger.js";
import {
  createParty,
  NOW,
  type Party,
  protectedHeader,
  sealEnvelope,
  signRequest,
} from "../testing/member.js";
import { P521_CERTIFICATE, P521_KEY } from "../testing/p521-member.js";
import { authenticate } from "./authenticate.js";
import { MemberKeys } from "./member-key.js";
import type { MessageType } from "./message-type.js";
import { parseSignedRequest } from "./signed-request.js";

const member = createParty("member0");
const signed = signRequest(member, "proposal", { actions: [] });

/** The envelope of a protected header of which only the bytes are known. */
function withHeader(header: Uint8Array): Uint8Array {
  return sealEnvelope(header, new Uint8Array(0), (message) => member.key.sign(message));
}

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

describe("a signed request", () => {
  it("is taken apart", () => {
    const request = parseSignedRequest(signed);
    assert.deepEqual(request.header, {
      algorithm: -35,
      keyId: member.id,
      messageType: "proposal",
      createdAt: NOW,
      proposalId: undefined,
    });
    assert.equal(Buffer.from(request.payload).toString(), '{"actions":[]}');
    const expected = createHash("sha256").update(request.message.signature).digest();
    assert.deepEqual(Buffer.from(request.digest), expected);
  });

  const body = signed.subarray(1);
  const lengthened = Uint8Array.from([0xd2, 0x98, 0x04, ...signed.subarray(2)]);
  const envelopes: readonly (readonly [name: string, envelope: Uint8Array])[] = [
    ["nothing", new Uint8Array(0)],
    ["text", Buffer.from("hello")],
    ["JSON", Buffer.from('{"actions":[]}')],
    ["a message without its tag", body],
    ["a message with another tag", Uint8Array.from([0xd1, ...body])],
    ["a tag twice", Uint8Array.from([0xd2, ...signed])],
    ["bytes after the message", Uint8Array.from([...signed, 0])],
    ["a message that is cut", signed.subarray(0, signed.length - 1)],
    ["an array of three", bytes("d2 83 40 a0 40")],
    ["an array of five", bytes("d2 85 40 a0 40 40 40")],
    ["an array without a length", bytes("d2 9f 40 a0 40 40 ff")],
    ["a detached payload", bytes("d2 84 40 a0 f6 40")],
    ["an unprotected header that is not empty", bytes("d2 84 40 a1 04 40 40 40")],
    ["an unprotected header that is no map", bytes("d2 84 40 40 40 40")],
    ["a length in more bytes than it needs", bytes("d2 84 5800 a0 40 40")],
    ["a tag in more bytes than it needs", Uint8Array.from([0xd8, 0x12, ...body])],
    ["an array's length in more bytes than it needs", lengthened],
    ["a protected header that is a map, not bytes", bytes("d2 84 a0 a0 40 40")],
    ["arrays 10000 deep", Uint8Array.from([0xd2, ...Array.from({ length: 10_000 }, () => 0x81)])],
  ];
  for (const [name, envelope] of envelopes) {
    it(`is refused when it is ${name}`, () => {
      assert.throws(
        () => parseSignedRequest(envelope),
        (error) => isAppError(error, "INVALID_COSE"),
      );
    });
  }

  const normal = new Map<unknown, unknown>([
    [1, -35],
    [4, Buffer.from(member.id)],
    ["ccf.gov.msg.type", "proposal"],
    ["ccf.gov.msg.created_at", NOW],
  ]);
  const changed = (...changes: [unknown, unknown][]): Uint8Array => {
    const header = new Map(normal);
    for (const [name, value] of changes) {
      if (value === undefined) header.delete(name);
      else header.set(name, value);
    }
    return encode(header);
  };
  const twice = (name: string): Uint8Array => {
    const plain = Buffer.from(encode(normal));
    const added = Buffer.from(encode(name));
    return Buffer.concat([Buffer.from([0xa5]), plain.subarray(1), added, Buffer.from([0x00])]);
  };
  const headers: readonly (readonly [name: string, header: Uint8Array, message: RegExp])[] = [
    ["is empty", new Uint8Array(0), /COSE_Sign1|not canonical CBOR/],
    ["is a list", encode([1, 2]), /COSE_Sign1|not a map/],
    ["has no alg", changed([1, undefined]), /alg is invalid/],
    ["has alg EdDSA", changed([1, -8]), /alg is invalid/],
    ["has alg as text", changed([1, "ES384"]), /alg is invalid/],
    ["has no kid", changed([4, undefined]), /kid is invalid/],
    ["has a kid of text", changed([4, member.id]), /kid is invalid/],
    ["has an empty kid", changed([4, new Uint8Array(0)]), /kid is invalid/],
    ["has no created_at", changed(["ccf.gov.msg.created_at", undefined]), /created_at is invalid/],
    ["has created_at as text", changed(["ccf.gov.msg.created_at", "1"]), /created_at is invalid/],
    ["has a negative created_at", changed(["ccf.gov.msg.created_at", -1]), /created_at is invalid/],
    ["has a broken created_at", changed(["ccf.gov.msg.created_at", 1.5]), /created_at is invalid/],
    ["has a type that is a number", changed(["ccf.gov.msg.type", 1]), /msg.type is invalid/],
    [
      "has a proposal id of bytes",
      changed(["ccf.gov.msg.proposal_id", Buffer.from("x")]),
      /proposal_id is/,
    ],
    [
      "has a proposal id with a byte order mark",
      changed(["ccf.gov.msg.proposal_id", "\uFEFF00"]),
      /proposal_id is/,
    ],
    ["is critical about something", changed([2, [1]]), /crit is invalid/],
    ["has a name twice", twice("ccf.gov.msg.created_at"), /COSE_Sign1|not canonical CBOR/],
    ["has no length", bytes("bf 01 26 ff"), /COSE_Sign1|not canonical CBOR/],
    [
      "has an integer in more bytes than it needs",
      bytes("a1 1801 26"),
      /COSE_Sign1|not canonical CBOR/,
    ],
    [
      "has something behind it",
      Buffer.concat([encode(normal), Buffer.from([0])]),
      /COSE_Sign1|not canonical/,
    ],
    ["is longer than anybody needs", changed(["x", "y".repeat(5_000)]), /longer than/],
  ];
  for (const [name, header, message] of headers) {
    it(`is refused when its protected header ${name}`, () => {
      assert.throws(
        () => parseSignedRequest(withHeader(header)),
        (error) => isAppError(error, "INVALID_COSE") && message.test(error.message),
      );
    });
  }

  it("may carry headers that nobody knows", () => {
    const header = parseSignedRequest(withHeader(changed(["x", "y"], [-70_000, [1, 2]]))).header;
    assert.equal(header.messageType, "proposal");
  });

  it("may have any created_at that fits: what is too late is for others to say", () => {
    const header = changed(["ccf.gov.msg.created_at", 2n ** 63n]);
    assert.equal(parseSignedRequest(withHeader(header)).header.createdAt, 2 ** 63);
  });

  it("never does anything but parse or be refused, whatever is changed in it", () => {
    const index = fc.nat({ max: signed.length - 1 });
    const change = fc.record({ index, byte: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const mutated = Uint8Array.from(signed);
        for (const { index: at, byte } of changes) mutated[at] = byte;
        try {
          parseSignedRequest(mutated);
        } catch (error) {
          assert.ok(isAppError(error, "INVALID_COSE"), String(error));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("who signed a request", () => {
  const accepted = createParty("accepted");
  const p256 = createParty("p256", "Secp256R1");
  const stranger = createParty("stranger");
  const keys = new MemberKeys();

  function stateOf(parties: readonly (readonly [Party, rows.MemberStatus])[]): Transaction {
    const writes: WriteSet = new Map();
    for (const [{ id, cert }, status] of parties) {
      put(writes, TABLES.membersCerts, id, cert);
      put(writes, TABLES.membersInfo, id, rows.membersInfo.encode({ status }));
    }
    const state = new KvState();
    state.apply(1, writes);
    state.commit(1);
    return new Transaction(state.committed);
  }

  const tx = stateOf([
    [member, "Active"],
    [p256, "Active"],
    [accepted, "Accepted"],
  ]);
  const check = (envelope: Uint8Array, expected: MessageType): string =>
    authenticate(parseSignedRequest(envelope), expected, tx, keys);

  it("is told from the key", () => {
    assert.equal(check(signed, "proposal"), member.id);
    assert.equal(check(signRequest(p256, "ballot", {}), "ballot"), p256.id);
  });

  it("may be a member that is only Accepted where it acknowledges", () => {
    assert.equal(check(signRequest(accepted, "ack", {}), "ack"), accepted.id);
    assert.equal(
      check(signRequest(accepted, "state_digest", undefined), "state_digest"),
      accepted.id,
    );
  });

  it("depends on the state it is read from", () => {
    const fresh = stateOf([[member, "Active"]]);
    authenticate(parseSignedRequest(signed), "proposal", fresh, keys);
    assert.deepEqual(fresh.reads, [
      { map: TABLES.membersCerts, key: member.id, version: 1 },
      { map: TABLES.membersInfo, key: member.id, version: 1 },
    ]);
  });

  const flipped = Uint8Array.from(signed);
  flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1;
  const otherPayload = Buffer.from(signed);
  otherPayload.write("x", otherPayload.indexOf("actions"));
  const byStranger = sealEnvelope(
    protectedHeader(member, "proposal"),
    Buffer.from("{}"),
    (message) => stranger.key.sign(message),
  );
  const wrongAlgorithm = sealEnvelope(
    protectedHeader(p256, "proposal", { header: [[1, -35]] }),
    Buffer.from("{}"),
    (message) => p256.key.sign(message),
  );
  const refusals: readonly (readonly [
    name: string,
    envelope: Uint8Array,
    type: MessageType,
    RegExp,
  ])[] = [
    ["a changed signature", flipped, "proposal", /Failed to validate COSE Sign1/],
    ["a changed payload", otherPayload, "proposal", /Failed to validate COSE Sign1/],
    ["somebody else's key", byStranger, "proposal", /Failed to validate COSE Sign1/],
    ["the algorithm of another curve", wrongAlgorithm, "proposal", /Failed to validate COSE Sign1/],
    [
      "nobody that is known",
      signRequest(stranger, "proposal", {}),
      "proposal",
      /not a known member/,
    ],
    [
      "a member that is only Accepted",
      signRequest(accepted, "proposal", {}),
      "proposal",
      /not an ACTIVE member/,
    ],
    [
      "a member that is only Accepted, a ballot",
      signRequest(accepted, "ballot", {}),
      "ballot",
      /not an ACTIVE/,
    ],
    [
      "a ballot where a proposal is taken",
      signRequest(member, "ballot", {}),
      "proposal",
      /^Found ccf.gov.msg.type set to ballot, expected ccf.gov.msg.type to be proposal$/,
    ],
    [
      "no type",
      withHeader(protectedHeader(member, undefined)),
      "ack",
      /^Missing ccf.gov.msg.type, expected ccf.gov.msg.type to be ack$/,
    ],
  ];
  for (const [name, envelope, type, message] of refusals) {
    it(`is refused: ${name}`, () => {
      assert.throws(
        () => check(envelope, type),
        (error) => isAppError(error, "INVALID_AUTHENTICATION") && message.test(error.message),
      );
    });
  }

  it("may have a key on P-521", () => {
    const header = protectedHeader(member, "proposal", { header: [[1, -36]] });
    const envelope = sealEnvelope(header, Buffer.from("{}"), (message) =>
      sign("sha512", message, { key: P521_KEY, dsaEncoding: "ieee-p1363" }),
    );
    const request = parseSignedRequest(envelope);
    assert.equal(keys.verify(request, P521_CERTIFICATE), true);
    assert.equal(keys.verify(request, member.cert), false);
  });
});
