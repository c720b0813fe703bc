// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { keygen } from "./keygen.js";
import type { Curve, KeygenRequest } from "./request.js";

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "keygen-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function request(directory: string, more: Partial<KeygenRequest> = {}): KeygenRequest {
  return { name: "member0", curve: "secp384r1", withEncryptionKey: true, directory, ...more };
}

test("With an encryption key, the four files of keygenerator.sh are written", async () => {
  await using folder = await temporaryFolder();
  await keygen(request(folder.path));
  assert.deepEqual((await readdir(folder.path)).sort(), [
    "member0_cert.pem",
    "member0_enc_privk.pem",
    "member0_enc_pubk.pem",
    "member0_privk.pem",
  ]);
});

test("Without one, there are two", async () => {
  await using folder = await temporaryFolder();
  const result = await keygen(request(folder.path, { withEncryptionKey: false }));
  assert.deepEqual((await readdir(folder.path)).sort(), ["member0_cert.pem", "member0_privk.pem"]);
  assert.equal(result.encryptionPrivateKey, null);
});

test("Private keys are readable by their owner only", async () => {
  await using folder = await temporaryFolder();
  const result = await keygen(request(folder.path));
  for (const file of [result.privateKey, result.encryptionPrivateKey]) {
    assert.equal((await stat(file ?? "")).mode & 0o777, 0o600);
  }
  assert.equal((await stat(result.certificate)).mode & 0o044, 0o044);
});

for (const [curve, name, parameters] of [
  ["secp384r1", "secp384r1", "BgUrgQQAIg=="],
  ["secp256r1", "prime256v1", "BggqhkjOPQMBBw=="],
] satisfies [Curve, string, string][]) {
  test(`The key on ${curve} is EC PARAMETERS followed by SEC1, and belongs to the certificate`, async () => {
    await using folder = await temporaryFolder();
    const result = await keygen(request(folder.path, { curve, withEncryptionKey: false }));
    const pem = await readFile(result.privateKey, "utf8");
    const start = `-----BEGIN EC PARAMETERS-----\n${parameters}\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\n`;
    assert.ok(pem.startsWith(start));
    const key = createPrivateKey(pem);
    assert.equal(key.asymmetricKeyDetails?.namedCurve, name);
    const certificate = new X509Certificate(await readFile(result.certificate));
    assert.ok(certificate.checkPrivateKey(key));
  });
}

test("The certificate is what openssl req -x509 -days 365 makes", async () => {
  await using folder = await temporaryFolder();
  const result = await keygen(request(folder.path));
  const certificate = new X509Certificate(await readFile(result.certificate));
  assert.equal(certificate.subject, "CN=member0");
  assert.equal(certificate.issuer, "CN=member0");
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.ca, true);
  assert.equal(certificate.serialNumber.length, 40);
  const days =
    (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000;
  assert.equal(days, 365);
  assert.equal(certificate.fingerprint256.replaceAll(":", "").toLowerCase(), result.id);
});

test("The encryption key is RSA 2048: PKCS#8 and SPKI of one pair", async () => {
  await using folder = await temporaryFolder();
  const result = await keygen(request(folder.path));
  const privatePem = await readFile(result.encryptionPrivateKey ?? "", "utf8");
  const publicPem = await readFile(result.encryptionPublicKey ?? "", "utf8");
  assert.match(privatePem, /^-----BEGIN PRIVATE KEY-----/);
  assert.match(publicPem, /^-----BEGIN PUBLIC KEY-----/);
  assert.equal(createPrivateKey(privatePem).asymmetricKeyDetails?.modulusLength, 2048);
  const derived = createPublicKey(privatePem).export({ type: "spki", format: "pem" });
  assert.equal(derived, publicPem);
});

test("Existing files are never overwritten, not even one of them", async () => {
  await using folder = await temporaryFolder();
  const first = await keygen(request(folder.path, { withEncryptionKey: false }));
  const before = await readFile(first.privateKey);
  await assert.rejects(keygen(request(folder.path)), (error) => isAppError(error, "FILE_EXISTS"));
  assert.deepEqual(await readFile(first.privateKey), before);
  assert.equal((await readdir(folder.path)).length, 2);
});

for (const name of ["", ".hidden", "-x", "a/b", "../a", "a b", "é", "x".repeat(65)]) {
  test(`The name ${JSON.stringify(name)} is refused`, async () => {
    await using folder = await temporaryFolder();
    await assert.rejects(keygen(request(folder.path, { name })), (error) =>
      isAppError(error, "INVALID_INPUT"),
    );
    assert.deepEqual(await readdir(folder.path), []);
  });
}
