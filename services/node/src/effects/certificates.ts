// SPDX-License-Identifier: Apache-2.0
import {
  certificateFacts,
  createServiceCertificate,
  endorse,
  parseValidFrom,
} from "@consortium/kit";
import type { Transaction } from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import type { EffectContext, EffectOutcome } from "./effect.js";
import { effectFailed } from "./effect-failed.js";

/** Endorses a signing request and puts the certificate where the placeholder was written. */
export function endorseCertificate(
  effect: channel.Effect_EndorseCertificate,
  { transaction, keys }: EffectContext,
): undefined {
  const certificate = attempt("endorse the certificate", () =>
    endorse({
      csr: effect.certificateSigningRequest,
      issuerKeyPem: keys.privateKeyPem,
      issuerCert: keys.certificate,
      validFrom: parseValidFrom(effect.validFrom),
      days: effect.validityPeriodDays,
    }),
  );
  replaceInWrites(transaction, effect.placeholder, certificate);
}

/** Issues the service certificate anew for the same key and subject. */
export function renewServiceCertificate(
  effect: channel.Effect_RenewServiceCertificate,
  { transaction, keys }: EffectContext,
): EffectOutcome {
  const certificate = attempt("renew the service certificate", () =>
    createServiceCertificate({
      keyPem: keys.privateKeyPem,
      subject: certificateFacts(keys.certificate).subject.split("\n").join(","),
      validFrom: parseValidFrom(effect.validFrom),
      days: effect.validityPeriodDays,
    }),
  );
  replaceInWrites(transaction, effect.placeholder, certificate);
  return { options: {}, sequenced: () => void (keys.certificate = certificate) };
}

/**
 * The constitution wrote the placeholder where the certificate belongs: raw, or inside a JSON
 * document, where line ends are escaped.
 */
function replaceInWrites(transaction: Transaction, placeholder: string, certificate: string): void {
  if (!/^[A-Za-z0-9:_-]{16,128}$/.test(placeholder)) {
    throw effectFailed("the placeholder of a certificate is malformed");
  }
  const needle = Buffer.from(placeholder);
  const escaped = JSON.stringify(certificate).slice(1, -1);
  for (const keys of transaction.writes.values()) {
    for (const [key, value] of keys) {
      if (value === null || Buffer.from(value).indexOf(needle) < 0) continue;
      const text = Buffer.from(value).toString("utf8");
      const isJson = text.startsWith("{") || text.startsWith('"') || text.startsWith("[");
      keys.set(key, Buffer.from(text.split(placeholder).join(isJson ? escaped : certificate)));
    }
  }
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw effectFailed(
      `cannot ${what}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}
