// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  type Name,
  SubjectKeyIdentifier,
  type SubjectPublicKeyInfo,
  TBSCertificate,
  Time,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { curveOf, hashOfCurve } from "./keys.js";
import { validityEnd } from "./valid-from.js";

const SIGNATURE_OIDS = { sha256: "1.2.840.10045.4.3.2", sha384: "1.2.840.10045.4.3.3" } as const;

export interface CertificateContent {
  subject: Name;
  subjectKey: SubjectPublicKeyInfo;
  issuer: Name;
  /** The public key that will verify the signature. */
  issuerKey: SubjectPublicKeyInfo;
  /** Overrides the key identifier computed from `issuerKey`, when the issuer's certificate has its own. */
  issuerKeyId?: Uint8Array;
  validFrom: Date;
  days: number;
  ca: boolean;
  pathLength?: number;
  /** An alternative name extension that is copied as it is. */
  subjectAltName?: Extension;
}

/** Encodes and signs a certificate. The hash follows the curve of the signing key. */
export function signCertificate(content: CertificateContent, signingKey: KeyObject): Buffer {
  const signature = signatureAlgorithm(signingKey);
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: randomSerial(),
    signature,
    issuer: content.issuer,
    validity: validityOf(content.validFrom, content.days),
    subject: content.subject,
    subjectPublicKeyInfo: content.subjectKey,
    extensions: new Extensions(extensionsOf(content)),
  });
  const certificate = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: signature,
    signatureValue: arrayBuffer(signDer(AsnConvert.serialize(tbs), signingKey)),
  });
  return Buffer.from(AsnConvert.serialize(certificate));
}

/** The algorithm identifier of signatures by this key. */
export function signatureAlgorithm(key: KeyObject): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm: SIGNATURE_OIDS[hashOfCurve(curveOf(key))] });
}

/** An ECDSA signature in DER over the encoded structure. */
export function signDer(encoded: ArrayBuffer, key: KeyObject): Buffer {
  return sign(hashOfCurve(curveOf(key)), Buffer.from(encoded), key);
}

/** A copy in a buffer of its own, the form the ASN.1 library takes. */
export function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export function extension(extnID: string, critical: boolean, value: unknown): Extension {
  return new Extension({
    extnID,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

/** 16 random bytes, positive and without a leading zero so that DER keeps all of them. */
function randomSerial(): ArrayBuffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return arrayBuffer(serial);
}

function validityOf(validFrom: Date, days: number): Validity {
  const start = new Date(validFrom);
  start.setUTCMilliseconds(0);
  return Object.assign(new Validity(), {
    notBefore: new Time(start),
    notAfter: new Time(validityEnd(start, days)),
  });
}

function extensionsOf(content: CertificateContent): Extension[] {
  const constraints = new BasicConstraints({ cA: content.ca });
  if (content.pathLength !== undefined) constraints.pathLenConstraint = content.pathLength;
  const usage = content.ca
    ? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign
    : KeyUsageFlags.digitalSignature;
  const authorityKeyId = content.issuerKeyId ?? keyId(content.issuerKey);
  const extensions = [
    extension(id_ce_basicConstraints, true, constraints),
    extension(id_ce_keyUsage, true, new KeyUsage(usage)),
    extension(
      id_ce_subjectKeyIdentifier,
      false,
      new SubjectKeyIdentifier(keyId(content.subjectKey)),
    ),
    extension(
      id_ce_authorityKeyIdentifier,
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(arrayBuffer(authorityKeyId)) }),
    ),
  ];
  if (content.subjectAltName !== undefined) extensions.push(content.subjectAltName);
  return extensions;
}

/** RFC 5280 4.2.1.2 (1): SHA-1 of the public key's bits. An identifier, not a security function. */
function keyId(key: SubjectPublicKeyInfo): Buffer {
  return createHash("sha1").update(Buffer.from(key.subjectPublicKey)).digest();
}
