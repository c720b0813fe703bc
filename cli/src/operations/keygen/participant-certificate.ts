// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Time,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

/* The certificate that `openssl req -new -x509 -days 365 -subj /CN=name` makes with OpenSSL's own
   configuration: v3, a serial of 20 bytes, key identifiers, a critical CA constraint, nothing else. */

const COMMON_NAME = "2.5.4.3";
const DAYS = 365;
const DAY_MS = 24 * 60 * 60 * 1000;

const SIGNATURES = {
  sha256: "1.2.840.10045.4.3.2",
  sha384: "1.2.840.10045.4.3.3",
} as const;
export type SignatureHash = keyof typeof SIGNATURES;

/** DER of the self-signed certificate of a participant. */
export function participantCertificate(name: string, key: KeyObject, hash: SignatureHash): Buffer {
  const algorithm = new AlgorithmIdentifier({ algorithm: SIGNATURES[hash] });
  const subject = commonName(name);
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const publicKey = AsnConvert.parse(spki, SubjectPublicKeyInfo);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: randomSerial(),
    signature: algorithm,
    issuer: subject,
    validity: validFromNow(),
    subject,
    subjectPublicKeyInfo: publicKey,
    extensions: new Extensions(extensionsOf(publicKey)),
  });
  const signature = sign(hash, Buffer.from(AsnConvert.serialize(tbs)), key);
  const certificate = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: algorithm,
    signatureValue: arrayBuffer(signature),
  });
  return Buffer.from(AsnConvert.serialize(certificate));
}

function commonName(name: string): Name {
  const attribute = new AttributeTypeAndValue({
    type: COMMON_NAME,
    value: new AttributeValue({ utf8String: name }),
  });
  return new Name([new RelativeDistinguishedName([attribute])]);
}

function validFromNow(): Validity {
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000);
  return Object.assign(new Validity(), {
    notBefore: new Time(notBefore),
    notAfter: new Time(new Date(notBefore.getTime() + DAYS * DAY_MS)),
  });
}

function extensionsOf(publicKey: SubjectPublicKeyInfo): Extension[] {
  const keyId = createHash("sha1").update(Buffer.from(publicKey.subjectPublicKey)).digest();
  const authority = new AuthorityKeyIdentifier({
    keyIdentifier: new KeyIdentifier(arrayBuffer(keyId)),
  });
  return [
    extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(arrayBuffer(keyId))),
    extension(id_ce_authorityKeyIdentifier, false, authority),
    extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true })),
  ];
}

function extension(extnID: string, critical: boolean, value: unknown): Extension {
  return new Extension({
    extnID,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

/** 20 bytes, positive and without a leading zero so that DER keeps all of them. */
function randomSerial(): ArrayBuffer {
  const serial = randomBytes(20);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return arrayBuffer(serial);
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
