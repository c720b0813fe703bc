// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate as CertificateSchema } from "@peculiar/asn1-x509";
import { attestationErrors } from "../errors.js";

export interface CertificateExtension {
  readonly critical: boolean;
  /** What is inside the extension's OCTET STRING. */
  readonly value: Uint8Array;
}

/** An attribute of a name: dotted OID and text. */
export interface NameAttribute {
  readonly oid: string;
  readonly text: string;
}

/** A certificate as OpenSSL knows it, with the parts that only ASN.1 shows. */
export interface Certificate {
  readonly x509: X509Certificate;
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
  readonly subject: readonly NameAttribute[];
  /** OID of the algorithm that signed it. */
  readonly signatureAlgorithm: string;
}

/** Reads one certificate in DER or PEM. Throws `CERTIFICATE_MALFORMED`. */
export function readCertificate(bytes: Uint8Array | string): Certificate {
  let x509: X509Certificate;
  let parsed: CertificateSchema;
  try {
    x509 = new X509Certificate(bytes);
    parsed = AsnConvert.parse(x509.raw, CertificateSchema);
  } catch (cause) {
    throw malformed("it is not X.509", cause);
  }
  return {
    x509,
    extensions: extensionsOf(parsed),
    subject: subjectOf(parsed),
    signatureAlgorithm: parsed.signatureAlgorithm.algorithm,
  };
}

/** `CN` of the subject, for messages. */
export function nameOf(certificate: Certificate): string {
  const commonName = certificate.subject.find(({ oid }) => oid === "2.5.4.3");
  return commonName?.text ?? certificate.x509.subject.replaceAll("\n", ", ");
}

function extensionsOf(certificate: CertificateSchema): Map<string, CertificateExtension> {
  const extensions = new Map<string, CertificateExtension>();
  for (const { extnID, critical, extnValue } of certificate.tbsCertificate.extensions ?? []) {
    // RFC 5280, 4.2. With two of a kind, two readers could each see another one.
    if (extensions.has(extnID)) throw malformed(`extension ${extnID} is there twice`);
    extensions.set(extnID, { critical, value: new Uint8Array(extnValue.buffer) });
  }
  return extensions;
}

function subjectOf(certificate: CertificateSchema): NameAttribute[] {
  return certificate.tbsCertificate.subject.flatMap((relative) =>
    [...relative].map(({ type, value }) => ({ oid: type, text: value.toString() })),
  );
}

function malformed(what: string, cause?: unknown): Error {
  return attestationErrors("CERTIFICATE_MALFORMED", `a certificate cannot be read: ${what}`, {
    cause,
  });
}
