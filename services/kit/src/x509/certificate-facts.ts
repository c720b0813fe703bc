// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from "node:crypto";
import { kitErrors } from "../errors/kit-errors.js";
import { nodeIdOfSpki } from "./keys.js";

/** What a certificate says, read once. */
export interface CertificateFacts {
  pem: string;
  der: Buffer;
  /** Hex SHA-256 of the DER: the id of a member or user. */
  id: string;
  /** SubjectPublicKeyInfo in DER. */
  publicKeySpki: Buffer;
  publicKeyPem: string;
  /** Hex SHA-256 of the SubjectPublicKeyInfo: the id of a node. */
  nodeId: string;
  /** `ec` or `rsa`, with the curve for `ec` (`prime256v1`, `secp384r1`). */
  keyType: string;
  namedCurve: string | undefined;
  subject: string;
  issuer: string;
  serialNumber: string;
  validFrom: Date;
  /** The last moment at which it is valid. */
  validTo: Date;
  isCa: boolean;
  /** `iPAddress:…`, `dNSName:…` and others, as written in the certificate. */
  subjectAltNames: readonly string[];
}

/** Reads a certificate in PEM or DER. Throws `CERTIFICATE_INVALID`. */
export function certificateFacts(certificate: string | Uint8Array): CertificateFacts {
  try {
    return factsOf(new X509Certificate(certificate));
  } catch (cause) {
    throw kitErrors("CERTIFICATE_INVALID", "this is not a readable X.509 certificate", { cause });
  }
}

/** Whether the certificate is outside its validity at this moment. */
export function isExpired(facts: CertificateFacts, at: Date = new Date()): boolean {
  return at < facts.validFrom || at > facts.validTo;
}

/** Whether the issuer's key signed this certificate and the names fit. Times are not looked at. */
export function isIssuedBy(certificate: string | Uint8Array, issuer: string | Uint8Array): boolean {
  try {
    const [child, parent] = [new X509Certificate(certificate), new X509Certificate(issuer)];
    return child.issuer === parent.subject && child.verify(parent.publicKey);
  } catch {
    return false;
  }
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  return {
    pem: certificate.toString(),
    der: certificate.raw,
    id: createHash("sha256").update(certificate.raw).digest("hex"),
    publicKeySpki: spki,
    publicKeyPem: certificate.publicKey.export({ type: "spki", format: "pem" }).toString(),
    nodeId: nodeIdOfSpki(spki),
    keyType: certificate.publicKey.asymmetricKeyType ?? "unknown",
    namedCurve: certificate.publicKey.asymmetricKeyDetails?.namedCurve,
    subject: certificate.subject,
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
    validFrom: certificate.validFromDate,
    validTo: certificate.validToDate,
    isCa: certificate.ca,
    subjectAltNames: altNamesOf(certificate.subjectAltName),
  };
}

/** `DNS:a, IP Address:1.2.3.4` of node:crypto becomes the form of our configuration. */
function altNamesOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split(", ").map((name) => {
    if (name.startsWith("DNS:")) return `dNSName:${name.slice(4)}`;
    if (name.startsWith("IP Address:")) return `iPAddress:${name.slice(11)}`;
    return name;
  });
}
