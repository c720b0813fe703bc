// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, randomBytes, sign } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Time,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { parseSubject } from "./subject.js";

/** A name and the key that goes with it. */
export interface Signer {
  /** `CN=Name,O=Organisation`. */
  readonly subject: string;
  readonly privateKey: KeyObject;
}

export interface CertificateRequest {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: Signer;
  readonly validFrom?: Date;
  readonly validTo?: Date;
  /** Adds the constraints and the key usage of an authority. */
  readonly authority?: { readonly pathLength?: number };
  readonly extensions?: readonly Extension[];
}

export const VALID_FROM = new Date("2025-01-01T00:00:00Z");
export const VALID_TO = new Date("2032-01-01T00:00:00Z");

/** RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes, as AMD signs. */
const PSS_SHA384 = Buffer.from(
  "3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130",
  "hex",
);

/** Issues a certificate in PEM: RSA keys sign as AMD's, EC keys with ECDSA and SHA-384. */
export function issueCertificate(request: CertificateRequest): string {
  const { issuer, authority } = request;
  const signature = algorithmOf(issuer.privateKey);
  const spki = request.publicKey.export({ type: "spki", format: "der" });
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: arrayBuffer(Buffer.concat([Buffer.of(0x40), randomBytes(15)])),
    signature,
    issuer: parseSubject(issuer.subject),
    validity: Object.assign(new Validity(), {
      notBefore: new Time(request.validFrom ?? VALID_FROM),
      notAfter: new Time(request.validTo ?? VALID_TO),
    }),
    subject: parseSubject(request.subject),
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    extensions: new Extensions([
      ...(authority === undefined ? [] : authorityExtensions(authority.pathLength)),
      ...(request.extensions ?? []),
    ]),
  });
  const certificate = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: signature,
    signatureValue: arrayBuffer(signBytes(AsnConvert.serialize(tbs), issuer.privateKey)),
  });
  return pem(Buffer.from(AsnConvert.serialize(certificate)));
}

/** An extension around a structure of ASN.1. */
export function extensionOf(oid: string, value: object, critical = false): Extension {
  return rawExtension(oid, Buffer.from(AsnConvert.serialize(value)), critical);
}

/** An extension around bytes. */
export function rawExtension(oid: string, value: Uint8Array, critical = false): Extension {
  const extnValue = new OctetString(arrayBuffer(value));
  return new Extension({ extnID: oid, critical, extnValue });
}

function authorityExtensions(pathLength: number | undefined): Extension[] {
  const constraints = new BasicConstraints({ cA: true });
  if (pathLength !== undefined) constraints.pathLenConstraint = pathLength;
  return [
    extensionOf(id_ce_basicConstraints, constraints, true),
    extensionOf(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign), true),
  ];
}

function algorithmOf(key: KeyObject): AlgorithmIdentifier {
  return key.asymmetricKeyType === "rsa"
    ? new AlgorithmIdentifier({
        algorithm: "1.2.840.113549.1.1.10",
        parameters: arrayBuffer(PSS_SHA384),
      })
    : new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.3" });
}

function signBytes(bytes: ArrayBuffer, key: KeyObject): Buffer {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
  return sign(
    "sha384",
    Buffer.from(bytes),
    key.asymmetricKeyType === "rsa" ? { key, ...pss } : key,
  );
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
