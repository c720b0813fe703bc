// SPDX-License-Identifier: Apache-2.0
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  BasicConstraints,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
} from "@peculiar/asn1-x509";
import { type Certificate, nameOf } from "./certificate.js";

/** Critical extensions whose meaning is looked at here, or that only narrow what nobody asks for. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_ce_certificatePolicies,
]);

/** RSA with SHA-2, RSASSA-PSS, ECDSA with SHA-2. */
const SIGNATURE_ALGORITHMS: ReadonlySet<string> = new Set([
  "1.2.840.113549.1.1.10",
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.12",
  "1.2.840.113549.1.1.13",
  "1.2.840.10045.4.3.2",
  "1.2.840.10045.4.3.3",
  "1.2.840.10045.4.3.4",
]);

const CURVES: ReadonlySet<string | undefined> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const RSA_BITS_MIN = 2048;

/** Why one certificate was not issued by the other; `undefined` if it was. Dates are not looked at. */
export function issuanceFault(
  child: Certificate,
  issuer: Certificate,
  /** How many certificate authorities stand between the issuer and the end of the chain. */
  authoritiesBelow: number,
): string | undefined {
  const [who, by] = [nameOf(child), nameOf(issuer)];
  if (!child.x509.checkIssued(issuer.x509)) {
    return `${who} does not name ${by} as issuer, or ${by} may not sign certificates`;
  }
  if (!issuer.x509.ca) return `${by} is not a certificate authority`;
  if (authoritiesBelow > pathLengthOf(issuer)) return `${by} may not have authorities below it`;
  const fault = certificateFault(child) ?? certificateFault(issuer);
  if (fault !== undefined) return fault;
  return child.x509.verify(issuer.x509.publicKey)
    ? undefined
    : `${who} does not carry a signature by the key of ${by}`;
}

/** Why a chain, end first, does not lead to its last certificate; `undefined` if it does. */
export function pathFault(chain: readonly Certificate[]): string | undefined {
  for (const [index, child] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) return anchorFault(child);
    const fault = issuanceFault(child, issuer, index);
    if (fault !== undefined) return fault;
  }
  return "there is no certificate";
}

/** Why the certificate is not valid at this moment; both ends belong to the validity. */
export function validityFault({ x509 }: Certificate, at: Date): string | undefined {
  if (at >= x509.validFromDate && at <= x509.validToDate) return undefined;
  return `valid from ${x509.validFromDate.toISOString()} to ${x509.validToDate.toISOString()}`;
}

/** The anchor is taken as it is; if it signed itself, that signature must be good. */
function anchorFault(anchor: Certificate): string | undefined {
  const { x509 } = anchor;
  if (x509.issuer !== x509.subject || x509.verify(x509.publicKey)) return certificateFault(anchor);
  return `${nameOf(anchor)} names itself as issuer but did not sign itself`;
}

function certificateFault(certificate: Certificate): string | undefined {
  const who = nameOf(certificate);
  for (const [oid, { critical }] of certificate.extensions) {
    // Constraints on names are not evaluated; to pass over them would lift them.
    if (oid === id_ce_nameConstraints || (critical && !UNDERSTOOD.has(oid))) {
      return `${who} has the extension ${oid}, which is not understood here`;
    }
  }
  if (!SIGNATURE_ALGORITHMS.has(certificate.signatureAlgorithm)) {
    return `${who} is signed with ${certificate.signatureAlgorithm}, which is not accepted`;
  }
  return isStrong(certificate) ? undefined : `the key of ${who} is weak or of an unknown kind`;
}

function isStrong({ x509 }: Certificate): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = x509.publicKey;
  if (asymmetricKeyType === "ec") return CURVES.has(asymmetricKeyDetails?.namedCurve);
  const isRsa = asymmetricKeyType === "rsa" || asymmetricKeyType === "rsa-pss";
  return isRsa && (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_MIN;
}

function pathLengthOf({ extensions }: Certificate): number {
  const extension = extensions.get(id_ce_basicConstraints);
  if (extension === undefined) return 0;
  const { pathLenConstraint } = AsnConvert.parse(extension.value, BasicConstraints);
  return pathLenConstraint ?? Number.POSITIVE_INFINITY;
}
