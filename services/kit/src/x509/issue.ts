// SPDX-License-Identifier: Apache-2.0
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, id_ce_subjectKeyIdentifier, SubjectKeyIdentifier } from "@peculiar/asn1-x509";
import { kitErrors } from "../errors/kit-errors.js";
import { type CertificateContent, signCertificate } from "./certificate-der.js";
import { readEcPrivateKey } from "./keys.js";
import { parseSubject } from "./names.js";
import { fromPem, toPem } from "./pem.js";
import { parseCsr, subjectAltNameExtension, subjectKeyOf } from "./signing-request.js";

export interface SelfSignedOptions {
  keyPem: string;
  /** For example `CN=CCF Node`. */
  subject: string;
  /** Whole days; the certificate ends one second before. */
  days: number;
  /** `iPAddress:…` and `dNSName:…`. */
  sans?: readonly string[];
  /** True by default, as CCF's self-signed node and member certificates are. */
  ca?: boolean;
  /** How many CAs may follow; 1 for a service certificate. */
  pathLength?: number;
  /** Now by default. */
  validFrom?: Date;
}

/** A self-signed certificate in PEM: X.509 v3, the signature hash follows the curve. */
export function createSelfSigned(options: SelfSignedOptions): string {
  const { key } = readEcPrivateKey(options.keyPem);
  const subject = parseSubject(options.subject);
  const subjectKey = subjectKeyOf(key);
  const content: CertificateContent = {
    subject,
    subjectKey,
    issuer: subject,
    issuerKey: subjectKey,
    validFrom: options.validFrom ?? new Date(),
    days: options.days,
    ca: options.ca ?? true,
  };
  if (options.pathLength !== undefined) content.pathLength = options.pathLength;
  const altName = subjectAltNameExtension(options.sans ?? []);
  if (altName !== undefined) content.subjectAltName = altName;
  return toPem("CERTIFICATE", signCertificate(content, key));
}

/** The certificate of a service identity: `CA:TRUE,pathlen:1`. */
export function createServiceCertificate(
  options: Omit<SelfSignedOptions, "ca" | "pathLength" | "sans">,
): string {
  return createSelfSigned({ ...options, ca: true, pathLength: 1 });
}

export interface EndorseOptions {
  /** The request in PEM. Subject, key and alternative names are taken from it. */
  csr: string;
  issuerKeyPem: string;
  issuerCert: string;
  /** Now by default. */
  validFrom?: Date;
  days: number;
  /** False by default: an endorsed node signs nobody. */
  ca?: boolean;
}

/** Issues a certificate for a signing request. Throws `SIGNING_REQUEST_INVALID`. */
export function endorse(options: EndorseOptions): string {
  const request = parseCsr(options.csr);
  const { key } = readEcPrivateKey(options.issuerKeyPem);
  const issuer = readCertificate(options.issuerCert).tbsCertificate;
  const issuerKey = subjectKeyOf(key);
  if (!sameBytes(issuerKey.subjectPublicKey, issuer.subjectPublicKeyInfo.subjectPublicKey)) {
    throw kitErrors("KEY_INVALID", "the issuer's key and certificate do not belong together");
  }
  const content: CertificateContent = {
    subject: request.subject,
    subjectKey: request.subjectKey,
    issuer: issuer.subject,
    issuerKey,
    validFrom: options.validFrom ?? new Date(),
    days: options.days,
    ca: options.ca ?? false,
  };
  const issuerKeyId = issuer.extensions?.find((one) => one.extnID === id_ce_subjectKeyIdentifier);
  if (issuerKeyId !== undefined) {
    const parsed = AsnConvert.parse(issuerKeyId.extnValue.buffer, SubjectKeyIdentifier);
    content.issuerKeyId = new Uint8Array(parsed.buffer);
  }
  if (request.subjectAltName !== undefined) content.subjectAltName = request.subjectAltName;
  return toPem("CERTIFICATE", signCertificate(content, key));
}

function readCertificate(pem: string): Certificate {
  const der = fromPem("CERTIFICATE", pem);
  if (der === undefined) throw kitErrors("CERTIFICATE_INVALID", "this is not a certificate in PEM");
  try {
    return AsnConvert.parse(der, Certificate);
  } catch (cause) {
    throw kitErrors("CERTIFICATE_INVALID", "the certificate cannot be decoded", { cause });
  }
}

function sameBytes(left: ArrayBuffer, right: ArrayBuffer): boolean {
  return Buffer.from(left).equals(Buffer.from(right));
}
