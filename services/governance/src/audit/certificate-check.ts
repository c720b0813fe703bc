// SPDX-License-Identifier: Apache-2.0
import {
  type CertificateFacts,
  certificateFacts,
  createSelfSigned,
  endorse,
  generateEcKeyPem,
  isAppError,
  isIssuedBy,
  parseValidFrom,
  validityEnd,
} from "@consortium/kit";
import type { channel } from "@consortium/proto";

type Effect = NonNullable<channel.Effect["effect"]>;

/** An effect that puts a certificate where its placeholder was written. */
export type CertificateEffect = Extract<
  Effect,
  { $case: "endorseCertificate" | "renewServiceCertificate" }
>;

/**
 * What is wrong with a certificate that the primary made, which nobody else can make again:
 * `undefined` if it is by the service, for the key, names and dates that were decided.
 */
export function certificateFault(
  pem: string,
  effect: CertificateEffect,
  serviceCertificate: string,
): string | undefined {
  try {
    const facts = certificateFacts(pem);
    if (pem !== facts.pem && pem !== facts.pem.trimEnd())
      return "it is not one certificate in its usual form";
    return effect.$case === "endorseCertificate"
      ? endorsementFault(facts, effect.value, serviceCertificate)
      : renewalFault(facts, effect.value, serviceCertificate);
  } catch (error) {
    return isAppError(error) ? error.message : "it cannot be read";
  }
}

function endorsementFault(
  facts: CertificateFacts,
  effect: channel.Effect_EndorseCertificate,
  serviceCertificate: string,
): string | undefined {
  if (!isIssuedBy(facts.pem, serviceCertificate)) return "the service did not issue it";
  const wanted = certificateFacts(issueAlike(effect));
  if (facts.nodeId !== wanted.nodeId) return "it is for another key than the signing request";
  if (facts.subject !== wanted.subject) return "it names another subject than the signing request";
  if (facts.subjectAltNames.join() !== wanted.subjectAltNames.join())
    return "it has other names than the signing request";
  if (facts.isCa) return "it lets a node issue certificates";
  return validityFault(facts, effect);
}

function renewalFault(
  facts: CertificateFacts,
  effect: channel.Effect_RenewServiceCertificate,
  serviceCertificate: string,
): string | undefined {
  const before = certificateFacts(serviceCertificate);
  if (facts.nodeId !== before.nodeId) return "it is for another key than that of the service";
  if (facts.subject !== before.subject) return "it names another service";
  if (!isIssuedBy(facts.pem, facts.pem)) return "it is not its own issuer's";
  return validityFault(facts, effect);
}

function validityFault(
  { validFrom, validTo }: CertificateFacts,
  decided: { validFrom: string; validityPeriodDays: number },
): string | undefined {
  const from = parseValidFrom(decided.validFrom);
  const to = validityEnd(from, decided.validityPeriodDays);
  if (seconds(validFrom) === seconds(from) && seconds(validTo) === seconds(to)) return undefined;
  return (
    `it is valid from ${validFrom.toISOString()} to ${validTo.toISOString()}, ` +
    `not from ${from.toISOString()} to ${to.toISOString()}`
  );
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

let stranger: { keyPem: string; certificate: string } | undefined;

/** The same by an issuer that nobody knows: to see what the signing request asks for. */
function issueAlike(effect: channel.Effect_EndorseCertificate): string {
  if (stranger === undefined) {
    const keyPem = generateEcKeyPem("Secp256R1");
    const certificate = createSelfSigned({ keyPem, subject: "CN=Stranger", days: 1 });
    stranger = { keyPem, certificate };
  }
  return endorse({
    csr: effect.certificateSigningRequest,
    issuerKeyPem: stranger.keyPem,
    issuerCert: stranger.certificate,
    validFrom: parseValidFrom(effect.validFrom),
    days: effect.validityPeriodDays,
  });
}
