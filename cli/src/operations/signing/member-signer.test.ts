// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { coseSign1Parse, coseSign1Verify, VerifyingKey } from "@consortium/crypto-wasm";
import { isAppError } from "@consortium/kit/errors";
import { decode } from "cborg";
import { makeParticipant, temporaryFolder } from "../../testing/participant.js";
import { openMemberSigner } from "./member-signer.js";

const PROPOSAL_ID = "e75a1c35a89fab2f315ad6277fc6b1b360dfa5273c7b181b14addbd3f54753fc";

for (const [curve, alg, signatureBytes] of [
  ["secp384r1", -35, 96],
  ["secp256r1", -7, 64],
] as const) {
  test(`A request signed on ${curve} verifies with the certificate and has the headers of CCF`, async () => {
    await using folder = await temporaryFolder();
    const member = await makeParticipant(folder.path, "member0", curve);
    const signer = await openMemberSigner(member);
    const payload = Buffer.from('{"ballot": "export function vote () { return true }"}');
    const message = await signer.sign({
      type: "ballot",
      payload,
      createdAt: 1_795_177_164,
      proposalId: PROPOSAL_ID,
    });

    assert.equal(message[0], 0xd2);
    const parsed = coseSign1Parse(message);
    using key = VerifyingKey.fromPem(await readFile(member.certificate, "utf8"));
    assert.ok(coseSign1Verify(parsed, undefined, key));
    assert.equal(parsed.signature.length, signatureBytes);
    assert.deepEqual(Buffer.from(parsed.payload ?? []), payload);
    assert.deepEqual([...parsed.unprotectedHeader], [0xa0]);
    const header = decode(parsed.protectedHeader, { useMaps: true }) as Map<unknown, unknown>;
    assert.deepEqual(
      [...header],
      [
        [1, alg],
        [4, new Uint8Array(Buffer.from(member.id, "ascii"))],
        ["ccf.gov.msg.type", "ballot"],
        ["ccf.gov.msg.created_at", 1_795_177_164],
        ["ccf.gov.msg.proposal_id", PROPOSAL_ID],
      ],
    );
  });
}

test("Without a time, the time of signing is now in whole seconds", async () => {
  await using folder = await temporaryFolder();
  const signer = await openMemberSigner(await makeParticipant(folder.path));
  const before = Math.floor(Date.now() / 1000);
  const message = await signer.sign({ type: "state_digest", payload: new Uint8Array() });
  const header = decode(coseSign1Parse(message).protectedHeader, { useMaps: true }) as Map<
    unknown,
    unknown
  >;
  const createdAt = Number(header.get("ccf.gov.msg.created_at"));
  assert.ok(createdAt >= before && createdAt <= before + 5);
  assert.equal(header.has("ccf.gov.msg.proposal_id"), false);
});

test("The key of another participant is refused", async () => {
  await using folder = await temporaryFolder();
  const member = await makeParticipant(folder.path, "member0");
  const other = await makeParticipant(folder.path, "member1");
  const signer = await openMemberSigner({ key: other.key, certificate: member.certificate });
  await assert.rejects(signer.sign({ type: "ack", payload: new Uint8Array() }), (error) =>
    isAppError(error, "KEY_AND_CERTIFICATE_DIFFER"),
  );
});

test("Files that are no private key are refused in words", async () => {
  await using folder = await temporaryFolder();
  const member = await makeParticipant(folder.path);
  const garbage = join(folder.path, "garbage.pem");
  await writeFile(garbage, "not a key");
  for (const [key, words] of [
    [member.certificate, /is a certificate/],
    [garbage, /is not an EC private key/],
  ] as const) {
    const signer = await openMemberSigner({ key, certificate: member.certificate });
    await assert.rejects(signer.sign({ type: "ack", payload: new Uint8Array() }), words);
  }
  await assert.rejects(openMemberSigner({ key: member.key, certificate: garbage }), (error) =>
    isAppError(error, "INVALID_INPUT"),
  );
  await assert.rejects(
    openMemberSigner({ key: member.key, certificate: join(folder.path, "none.pem") }),
    (error) => isAppError(error, "FILE_NOT_READABLE"),
  );
});
