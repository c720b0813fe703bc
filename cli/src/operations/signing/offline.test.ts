// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { coseSigStructure, SigningKey } from "@consortium/crypto-wasm";
import { isAppError } from "@consortium/kit/errors";
import { readCertificate } from "../../input/certificate.js";
import { makeParticipant, temporaryFolder } from "../../testing/participant.js";
import { openMemberSigner } from "./member-signer.js";
import { finishRequest, parsePreparedRequest, parseSignature, prepareRequest } from "./offline.js";
import { messageTypeOf } from "./submit.js";

const CREATED_AT = 1_795_177_164;
const payload = Buffer.from('{"actions":[]}');

test("Prepared, signed elsewhere and finished, a request is the one signed at once", async () => {
  await using folder = await temporaryFolder();
  const member = await makeParticipant(folder.path);
  const request = { type: "proposal" as const, payload, createdAt: CREATED_AT };
  const prepared = prepareRequest(await readCertificate(member.certificate), request);
  using key = SigningKey.fromPem(await readFile(member.key, "utf8"));
  const signature = key.signDigest(Buffer.from(prepared.value, "base64"), "p1363");
  const finished = finishRequest(
    parsePreparedRequest(JSON.parse(JSON.stringify(prepared))),
    signature,
  );
  const signer = await openMemberSigner(member);
  // Signatures are deterministic, so the bytes are the same.
  assert.deepEqual(Buffer.from(finished), Buffer.from(await signer.sign(request)));
  assert.equal(messageTypeOf(finished), "proposal");
});

test("The digest is that of the Sig_structure under the curve's hash", async () => {
  await using folder = await temporaryFolder();
  const member = await makeParticipant(folder.path, "member0", "secp256r1");
  const prepared = prepareRequest(await readCertificate(member.certificate), {
    type: "proposal",
    payload,
    createdAt: CREATED_AT,
  });
  const signed = coseSigStructure(Buffer.from(prepared.protected, "base64"), payload);
  assert.equal(prepared.alg, "ES256");
  assert.equal(prepared.value, createHash("sha256").update(signed).digest("base64"));
});

test("A signature over something else is refused", async () => {
  await using folder = await temporaryFolder();
  const member = await makeParticipant(folder.path);
  const certificate = await readCertificate(member.certificate);
  const prepared = prepareRequest(certificate, {
    type: "proposal",
    payload,
    createdAt: CREATED_AT,
  });
  using key = SigningKey.fromPem(await readFile(member.key, "utf8"));
  const signature = key.signDigest(Buffer.alloc(48, 1), "p1363");
  assert.throws(
    () => finishRequest(prepared, signature),
    (error) => isAppError(error, "VERIFICATION_FAILED"),
  );
});

test("A ballot needs a proposal id, and nothing but ballots and withdrawals takes one", async () => {
  await using folder = await temporaryFolder();
  const certificate = await readCertificate((await makeParticipant(folder.path)).certificate);
  const base = { payload, createdAt: CREATED_AT };
  assert.throws(
    () => prepareRequest(certificate, { ...base, type: "ballot" }),
    /needs --proposal-id/,
  );
  assert.throws(
    () => prepareRequest(certificate, { ...base, type: "ack", proposalId: "0".repeat(64) }),
    /takes no --proposal-id/,
  );
});

for (const [name, value] of [
  ["no object", "text"],
  ["no value", {}],
  ["not base64", { value: "§§§" }],
  ["DER", { value: Buffer.alloc(70).toString("base64url") }],
  ["too long", { value: Buffer.alloc(97).toString("base64url") }],
] as const) {
  test(`A signature that is ${name} is refused`, () => {
    assert.throws(
      () => parseSignature(value),
      (error) => isAppError(error, "INVALID_INPUT"),
    );
  });
}

for (const [name, bytes] of [
  ["empty", Buffer.alloc(0)],
  ["text", Buffer.from("hello")],
  ["untagged", Buffer.from("84a0a04040", "hex")],
  ["without a type", Buffer.from("d28441a0a04040", "hex")],
] as const) {
  test(`A message that is ${name} is no governance request`, () => {
    assert.throws(
      () => messageTypeOf(bytes),
      (error) => isAppError(error, "INVALID_INPUT"),
    );
  });
}
