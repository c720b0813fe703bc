// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import {
  type Extension,
  GeneralName,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
} from "@peculiar/asn1-x509";
import {
  createUvmSigner,
  extensionOf,
  rawExtension,
  type UvmSigner,
  type UvmSignerOptions,
  UVM_USAGE,
} from "../testing/index.js";
import { readCertificate } from "../x509/index.js";
import { resolveDidX509 } from "./did-x509.js";

/* The rules of the specification of did:x509. */

function resolve(signer: UvmSigner, did = signer.did): Buffer {
  const chain = signer.chain.map((pem) => readCertificate(pem));
  return resolveDidX509(did, chain).export({ type: "spki", format: "der" });
}

function fault(options: UvmSignerOptions, edit?: (signer: UvmSigner) => string): string {
  const signer = createUvmSigner(options);
  try {
    resolve(signer, edit?.(signer));
  } catch (error) {
    assert.ok(isAppError(error, "DID_NOT_RESOLVED"), String(error));
    return error.details["reason"] ?? "";
  }
  return "resolved";
}

const ES: UvmSignerOptions = { algorithm: "ES256" };
const usage = (flags: number): Extension =>
  extensionOf(id_ce_keyUsage, new KeyUsage(flags as KeyUsageFlags), true);
const names = extensionOf(
  id_ce_subjectAltName,
  new SubjectAlternativeName([
    new GeneralName({ rfc822Name: "bob@example.com" }),
    new GeneralName({ dNSName: "example.com" }),
    new GeneralName({ uniformResourceIdentifier: "https://example.com/a:b" }),
  ]),
);
const fulcio = rawExtension("1.3.6.1.4.1.57264.1.1", Buffer.from("https://accounts.example.com"));

test("a DID resolves to the key of the end certificate", () => {
  const signer = createUvmSigner(ES);
  const end = readCertificate(signer.chain[0]).x509.publicKey;
  assert.deepEqual(resolve(signer), end.export({ type: "spki", format: "der" }));
});

test("the fingerprint may be of any authority, with any of three digests", () => {
  const signer = createUvmSigner(ES);
  for (const digest of ["sha256", "sha384", "sha512"]) {
    for (const pem of signer.chain.slice(1)) {
      const { raw } = readCertificate(pem).x509;
      const fingerprint = createHash(digest).update(raw).digest("base64url");
      resolve(signer, `did:x509:0:${digest}:${fingerprint}::eku:${UVM_USAGE}`);
    }
  }
});

const GOOD_PREDICATES: readonly [string, readonly Extension[]][] = [
  ["subject:CN:UVM", []],
  ["subject:CN:UVM:O:Example", []],
  ["subject:O:Example:CN:UVM", []],
  ["subject:2.5.4.10:Example", []],
  ["san:email:bob%40example.com", [names]],
  ["san:dns:example.com", [names]],
  ["san:uri:https%3A%2F%2Fexample.com%2Fa%3Ab", [names]],
  ["fulcio-issuer:accounts.example.com", [fulcio]],
  ["subject:CN:UVM::san:dns:example.com", [names]],
];

for (const [predicates, extensions] of GOOD_PREDICATES) {
  test(`a certificate fits ${predicates}`, () => {
    assert.equal(fault({ ...ES, predicates, end: { extensions } }), "resolved");
  });
}

const BAD_PREDICATES: readonly [string, string][] = [
  ["eku:1.2.3", "the certificate is not for the usage 1.2.3"],
  [`eku:${UVM_USAGE}.1`, `the certificate is not for the usage ${UVM_USAGE}.1`],
  ["subject:CN:Another", "the subject's CN is another"],
  ["subject:CN:UV", "the subject's CN is another"],
  ["subject:CN:UVM:O:Another", "the subject's O is another"],
  ["subject:C:US", "the subject's C is another"],
  ["subject:CN:UVM:CN:UVM", "CN is named twice"],
  ["subject:CN:UVM:2.5.4.3:UVM", "2.5.4.3 is named twice"],
  ["subject:CN", "the subject is not made of pairs"],
  ["subject:XX:UVM", "XX is not a part of a subject"],
  ["subject:CN:%FF", "the subject's CN is another"],
  ["san:dns:example.com", "the certificate has no such alternative name"],
  ["san:dns", "the alternative name is malformed"],
  ["san:dns:a:b", "the alternative name is malformed"],
  ["san:dn:a", "the certificate has no such alternative name"],
  ["fulcio-issuer:example.com", "the certificate was made for another issuer of identities"],
  ["other:x", "the predicate other is unknown"],
  [`eku:${UVM_USAGE}::subject:CN:Another`, "the subject's CN is another"],
];

for (const [predicates, reason] of BAD_PREDICATES) {
  test(`a certificate does not fit ${predicates}`, () => {
    assert.equal(fault({ ...ES, predicates }), reason);
  });
}

test("a name twice in the subject fits nothing", () => {
  const options = { ...ES, predicates: "subject:CN:UVM", end: { subject: "CN=UVM,CN=Other" } };
  assert.equal(fault(options), "the subject has more than one CN");
});

const HEAD = "it does not begin with did:x509:0:, a digest and a fingerprint";
const BAD_DIDS: readonly [string, string][] = [
  ["", HEAD],
  ["did:web:example.com", HEAD],
  ["did:x509:1:sha256:abc::eku:1.2", HEAD],
  ["did:x509:0:sha1:abc::eku:1.2", HEAD],
  ["did:x509:0:sha256:::eku:1.2", HEAD],
  ["did:x509:0:sha256:a+b::eku:1.2", HEAD],
  ["did:x509:0:sha256:abc:eku:1.2", HEAD],
  ["did:x509:0:sha256:abc", "it says nothing about the end certificate"],
  ["did:x509:0:sha256:abc::eku", '"eku" is malformed'],
  ["did:x509:0:sha256:abc::eku:", '"eku:" is malformed'],
  ["did:x509:0:sha256:abc::eku:1.2::", '"" is malformed'],
  ["did:x509:0:sha256:abc::subject:CN:a b", '"subject:CN:a b" is malformed'],
  ["did:x509:0:sha256:abc::subject:CN:%4", '"subject:CN:%4" is malformed'],
  ["did:x509:0:sha256:abc::eku:1.2#0", '"eku:1.2#0" is malformed'],
  ["did:x509:0:sha256:abc::eku:1.2", "no authority in the chain has this fingerprint"],
];

for (const [did, reason] of BAD_DIDS) {
  test(`the DID "${did}" does not resolve`, () =>
    assert.equal(
      fault(ES, () => did),
      reason,
    ));
}

test("the end certificate is not an authority: its fingerprint does not count", () => {
  const did = (signer: UvmSigner): string => {
    const { raw } = readCertificate(signer.chain[0]).x509;
    const fingerprint = createHash("sha256").update(raw).digest("base64url");
    return `did:x509:0:sha256:${fingerprint}::eku:${UVM_USAGE}`;
  };
  assert.equal(fault(ES, did), "no authority in the chain has this fingerprint");
});

test("one certificate is no chain", () => {
  const signer = createUvmSigner(ES);
  const chain = [readCertificate(signer.chain[0])];
  assert.throws(() => resolveDidX509(signer.did, chain), /fewer than two certificates/);
  assert.throws(() => resolveDidX509(signer.did, []), /fewer than two certificates/);
});

test("the order of the chain is from the end to the root", () => {
  const signer = createUvmSigner(ES);
  const [end, intermediate, root] = signer.chain.map((pem) => readCertificate(pem));
  assert.ok(end && intermediate && root);
  assert.throws(() => resolveDidX509(signer.did, [end, root, intermediate]), /does not name/);
  assert.throws(() => resolveDidX509(signer.did, [end, root]), /does not name/);
});

test("dates are not looked at", () => {
  const past = { validFrom: new Date("2001-01-01"), validTo: new Date("2002-01-01") };
  assert.equal(fault({ ...ES, end: past, intermediate: past }), "resolved");
});

const { privateKey: strangersKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
const DIGITAL_SIGNATURE = KeyUsageFlags.digitalSignature;
const BAD_CHAINS: readonly [string, UvmSignerOptions, string][] = [
  [
    "an end certificate that a stranger signed",
    { end: { issuer: { subject: "CN=UVM CA", privateKey: strangersKey } } },
    "UVM does not carry a signature by the key of UVM CA",
  ],
  [
    "an authority that a stranger signed",
    { intermediate: { issuer: { subject: "CN=UVM Root", privateKey: strangersKey } } },
    "UVM CA does not carry a signature by the key of UVM Root",
  ],
  [
    "an authority that is none",
    { intermediate: { authority: undefined as never } },
    "UVM CA is not a certificate authority",
  ],
  [
    "a critical extension that nobody knows",
    { end: { extensions: [rawExtension("1.2.3.4", Buffer.of(5, 0), true)] } },
    "UVM has the extension 1.2.3.4, which is not understood here",
  ],
  [
    "constraints on names, which are not evaluated",
    { intermediate: { extensions: [rawExtension(id_ce_nameConstraints, Buffer.of(0x30, 0))] } },
    `UVM CA has the extension ${id_ce_nameConstraints}, which is not understood here`,
  ],
  [
    "a key that is not for signatures",
    { end: { extensions: [usage(KeyUsageFlags.keyAgreement)] }, predicates: "subject:CN:UVM" },
    "the end certificate is not for signatures",
  ],
];

for (const [what, options, reason] of BAD_CHAINS) {
  test(`a DID does not resolve for ${what}`, () => {
    assert.equal(fault({ ...ES, ...options }), reason);
  });
}

test("a key that is for signatures among others is taken", () => {
  const extensions = [usage(DIGITAL_SIGNATURE | KeyUsageFlags.keyAgreement)];
  assert.equal(fault({ ...ES, end: { extensions }, predicates: "subject:CN:UVM" }), "resolved");
});
