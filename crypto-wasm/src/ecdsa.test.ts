// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { CryptoError, type Curve, MerkleTree, sha256, SigningKey, VerifyingKey } from "./index.js";
import { bitFlips, bytes, hex, toHex, utf8 } from "./test-bytes.js";

const CURVES: readonly { curve: Curve; named: string; hash: string; length: number }[] = [
  { curve: "Secp256R1", named: "prime256v1", hash: "sha256", length: 64 },
  { curve: "Secp384R1", named: "secp384r1", hash: "sha384", length: 96 },
];

/** The keys of RFC 6979, A.2.5 and A.2.6, as PKCS#8. */
function keyOfRfc6979(curve: Curve): SigningKey {
  const der =
    curve === "Secp256R1"
      ? "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420" +
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
      : "304e020100301006072a8648ce3d020106052b81040022043730350201010430" +
        "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";
  const base64 = Buffer.from(der, "hex").toString("base64");
  return SigningKey.fromPem(`-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`);
}

test("signatures are those of RFC 6979", () => {
  const cases: [Curve, string, string][] = [
    [
      "Secp256R1",
      "sample",
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ],
    [
      "Secp256R1",
      "test",
      "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367" +
        "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    ],
    [
      "Secp384R1",
      "sample",
      "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46" +
        "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
    ],
    [
      "Secp384R1",
      "test",
      "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db" +
        "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5",
    ],
  ];
  for (const [curve, message, signature] of cases) {
    using key = keyOfRfc6979(curve);
    assert.equal(toHex(key.sign(utf8(message))), signature);
  }
});

for (const { curve, named, hash, length } of CURVES) {
  test(`${curve}: node:crypto verifies what we sign, and we verify what it signs`, () => {
    using key = SigningKey.generate(curve);
    using ours = VerifyingKey.fromSpki(key.publicKeySpki());
    const pem = key.toPkcs8Pem();
    assert.equal(key.curve, curve);
    assert.equal(ours.curve, curve);
    assert.deepEqual(ours.spki(), key.publicKeySpki());
    fc.assert(
      fc.property(bytes(0, 200), (message) => {
        const signature = key.sign(message);
        const theirs = sign(hash, message, { key: pem, dsaEncoding: "ieee-p1363" });
        assert.equal(signature.length, length);
        assert.ok(verify(hash, message, { key: pem, dsaEncoding: "ieee-p1363" }, signature));
        assert.ok(ours.verify(message, signature));
        assert.ok(ours.verify(message, new Uint8Array(theirs)));
      }),
      { numRuns: 20 },
    );
  });

  test(`${curve}: a SHA-256 digest is signed as it is`, () => {
    using key = SigningKey.generate(curve);
    using ours = VerifyingKey.fromSpki(key.publicKeySpki());
    const message = utf8("the root");
    const digest = sha256(message);
    const der = key.signDigest(digest, "der");
    const plain = key.signDigest(digest, "p1363");
    assert.ok(verify("sha256", message, key.toPkcs8Pem(), der));
    assert.ok(
      verify("sha256", message, { key: key.toPkcs8Pem(), dsaEncoding: "ieee-p1363" }, plain),
    );
    assert.ok(ours.verifyDigest(digest, der, "der"));
    assert.ok(ours.verifyDigest(digest, plain, "p1363"));
    assert.ok(ours.verify(message, der, { hash: "sha256", format: "der" }));
    assert.ok(ours.verify(message, plain, { hash: "sha256" }));
    assert.ok(!ours.verify(message, der, { hash: "sha384", format: "der" }));
    assert.ok(!ours.verifyDigest(digest, der, "p1363"));
    assert.ok(!ours.verifyDigest(digest, plain, "der"));
    assert.ok(
      ours.verifyDigest(digest, new Uint8Array(sign("sha256", message, key.toPkcs8Pem())), "der"),
    );
  });

  test(`${curve}: a change in message, signature or key is noticed`, () => {
    using key = SigningKey.generate(curve);
    using other = SigningKey.generate(curve);
    using ours = VerifyingKey.fromSpki(key.publicKeySpki());
    const message = utf8("m");
    const signature = key.sign(message);
    for (const changed of bitFlips(message)) assert.ok(!ours.verify(changed, signature));
    for (const changed of bitFlips(signature)) assert.ok(!ours.verify(message, changed));
    assert.ok(!VerifyingKey.fromSpki(other.publicKeySpki()).verify(message, signature));
    for (const wrong of [
      new Uint8Array(),
      signature.subarray(1),
      new Uint8Array(length),
      new Uint8Array(200),
    ]) {
      assert.ok(!ours.verify(message, wrong));
      assert.ok(!ours.verifyDigest(sha256(message), wrong, "p1363"));
      assert.ok(!ours.verifyDigest(sha256(message), wrong, "der"));
    }
  });

  test(`${curve}: every PEM form of a private key gives the same key`, () => {
    const pair = generateKeyPairSync("ec", { namedCurve: named });
    const spki = pair.publicKey.export({ type: "spki", format: "der" }).toString("hex");
    const sec1 = pair.privateKey.export({ type: "sec1", format: "pem" }).toString();
    const parameters = `-----BEGIN EC PARAMETERS-----\n${parametersOf(curve)}\n-----END EC PARAMETERS-----\n`;
    for (const pem of [
      pkcs8(pair.privateKey),
      sec1,
      parameters + sec1,
      sec1.replaceAll("\n", "\r\n"),
    ]) {
      using key = SigningKey.fromPem(pem);
      assert.equal(toHex(key.publicKeySpki()), spki);
      using again = SigningKey.fromPem(key.toPkcs8Pem());
      assert.equal(toHex(again.publicKeySpki()), spki);
    }
  });
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The object identifier that `openssl ecparam -genkey` writes before the key. */
function parametersOf(curve: Curve): string {
  const oid = curve === "Secp256R1" ? "06082a8648ce3d030107" : "06052b81040022";
  return Buffer.from(oid, "hex").toString("base64");
}

test("a ledger's node signature verifies with the key of the node's certificate", () => {
  const file = new URL("../testdata/ledger.json", import.meta.url);
  const ledger = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  using key = VerifyingKey.fromPem(ledger["nodeCertificate"] ?? "");
  const signature = hex(ledger["nodeSignature46"] ?? "");
  assert.ok(key.verifyDigest(hex(ledger["root46"] ?? ""), signature, "der"));
  assert.ok(!key.verifyDigest(hex(ledger["root16"] ?? ""), signature, "der"));
  using tree = MerkleTree.deserialize(hex(ledger["tree46"] ?? ""));
  const input = tree.rootInput() ?? new Uint8Array();
  assert.ok(key.verify(input, signature, { hash: "sha256", format: "der" }));
});

test("keys of another kind are refused with INVALID_KEY", () => {
  const ed25519 = generateKeyPairSync("ed25519");
  const p521 = generateKeyPairSync("ec", { namedCurve: "secp521r1" });
  const explicit = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
    paramEncoding: "explicit",
  });
  const refused = (error: unknown): boolean =>
    error instanceof CryptoError && error.code === "INVALID_KEY";
  for (const pair of [ed25519, p521, explicit]) {
    const pem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
    const der = new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" }));
    assert.throws(() => SigningKey.fromPem(pkcs8(pair.privateKey)), refused);
    assert.throws(() => VerifyingKey.fromPem(pem), refused);
    assert.throws(() => VerifyingKey.fromSpki(der), refused);
  }
  assert.throws(() => SigningKey.fromPem(""), refused);
  assert.throws(
    () => SigningKey.fromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
    refused,
  );
  assert.throws(() => VerifyingKey.fromPem(SigningKey.generate("Secp256R1").toPkcs8Pem()), refused);
  assert.throws(
    () => VerifyingKey.fromPem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
    refused,
  );
});

test("a public key that is cut, extended or off the curve is refused", () => {
  using key = SigningKey.generate("Secp384R1");
  const spki = key.publicKeySpki();
  const offCurve = Uint8Array.from(spki);
  offCurve[spki.length - 1]! ^= 1;
  for (const bad of [
    new Uint8Array(),
    spki.subarray(1),
    spki.subarray(0, -1),
    Buffer.concat([spki, spki]),
    offCurve,
  ]) {
    assert.throws(() => VerifyingKey.fromSpki(new Uint8Array(bad)), CryptoError);
  }
});

test("keys refuse arguments of another kind or size", () => {
  using key = SigningKey.generate("Secp256R1");
  using ours = VerifyingKey.fromSpki(key.publicKeySpki());
  assert.throws(() => SigningKey.generate("P-256" as Curve), TypeError);
  assert.throws(() => SigningKey.fromPem(new Uint8Array() as unknown as string), TypeError);
  assert.throws(() => key.sign("text" as unknown as Uint8Array), TypeError);
  assert.throws(() => key.signDigest(new Uint8Array(31), "der"), RangeError);
  assert.throws(() => key.signDigest(new Uint8Array(32), "raw" as "der"), TypeError);
  assert.throws(
    () => ours.verifyDigest(new Uint8Array(20), new Uint8Array(64), "p1363"),
    RangeError,
  );
});

test("a disposed key does nothing any more", () => {
  const key = SigningKey.generate("Secp256R1");
  const ours = VerifyingKey.fromSpki(key.publicKeySpki());
  key.dispose();
  ours.dispose();
  assert.throws(() => key.sign(new Uint8Array()), /disposed/);
  assert.throws(() => key.toPkcs8Pem(), /disposed/);
  assert.throws(() => ours.verify(new Uint8Array(), new Uint8Array(64)), /disposed/);
});
