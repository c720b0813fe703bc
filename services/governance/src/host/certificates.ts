// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Every certificate of a PEM bundle, or `undefined` if the text is anything else. */
export function certificatesOf(pem: string): X509Certificate[] | undefined {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0 || pem.replace(BLOCK, "").trim() !== "") return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

const CHAIN_LENGTH_MAX = 32;

/**
 * Whether the first certificate of `chain` leads, by the others, to one in `trusted`. Dates are
 * not looked at: a decision must come out the same at any time.
 */
export function isValidChain(chainPem: string, trustedPem: string): boolean {
  const chain = certificatesOf(chainPem);
  const trusted = certificatesOf(trustedPem);
  if (chain === undefined || trusted === undefined || chain.length > CHAIN_LENGTH_MAX) return false;
  let [current] = chain;
  const rest = chain.slice(1);
  while (current !== undefined) {
    const subject = current;
    if (trusted.some((anchor) => anchor.raw.equals(subject.raw) || isIssuedBy(subject, anchor))) {
      return true;
    }
    const index = rest.findIndex((issuer) => issuer.ca && isIssuedBy(subject, issuer));
    if (index < 0) return false;
    [current] = rest.splice(index, 1);
  }
  return false;
}

function isIssuedBy(subject: X509Certificate, issuer: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}
