// SPDX-License-Identifier: Apache-2.0
import { isAppError, parseCsr, parseValidFrom } from "@consortium/kit";
import type { channel } from "@consortium/proto";
import type { Transaction } from "@consortium/ledger";
import { requireText } from "../host/arguments.js";
import type { GuestValue } from "../sandbox/protocol.js";
import { effectError } from "./effect-error.js";
import { refreshBytecodeCache } from "./bytecode-cache.js";
import { removeJwtKeys, setJwtKeys } from "./jwt-keys.js";
import { latestLedgerSecretSeqno } from "./ledger-secret.js";
import { isOpen, openService } from "./open-service.js";
import { requireShareRecipients } from "./recovery-shares.js";

/** Where the effects of one transaction are gathered. */
export interface EffectScope {
  readonly tx: Transaction;
  readonly effects: channel.Effect[];
  /** Makes the placeholders of this transaction differ from all others. */
  readonly placeholderPrefix: string;
}

type Values = readonly GuestValue[];
const VALIDITY_DAYS_MAX = 36_500;

/**
 * What `apply` asks for by `ccf.node`, `ccf.network` and their neighbours. Refuses here what the
 * primary would refuse, so that the proposal fails with a reason and a trace.
 */
export function performEffect(
  name: string,
  values: Values,
  scope: EffectScope,
): GuestValue | undefined {
  const { tx, effects } = scope;
  switch (name) {
    case "node.triggerLedgerRekey":
      // Before the service opens nobody has a share of the old secret, and nobody needs a new one.
      if (isOpen(tx)) requireShareRecipients(tx, "Unable to rekey ledger");
      effects.push({ effect: { $case: "triggerLedgerRekey", value: {} } });
      return undefined;
    case "node.triggerRecoverySharesRefresh":
      requireShareRecipients(tx, "Unable to trigger recovery shares refresh");
      effects.push({ effect: { $case: "triggerRecoverySharesRefresh", value: {} } });
      return undefined;
    case "node.triggerLedgerChunk":
      effects.push({ effect: { $case: "triggerLedgerChunk", value: {} } });
      return undefined;
    case "node.triggerSnapshot":
      effects.push({ effect: { $case: "triggerSnapshot", value: {} } });
      return undefined;
    case "node.shuffleSealedShares":
      effects.push({ effect: { $case: "shuffleSealedShares", value: {} } });
      return undefined;
    case "node.transitionServiceToOpen":
      openService(tx, effects, values[0] ?? null, requireText(values[1], "next service identity"));
      return undefined;
    case "network.getLatestLedgerSecretSeqno":
      return latestLedgerSecretSeqno(tx);
    case "network.generateEndorsedCertificate":
      return endorseCertificate(values, scope);
    case "network.generateNetworkCertificate":
      return renewServiceCertificate(values, scope);
    case "refreshAppBytecodeCache":
      return refreshBytecodeCache(tx);
    case "setJwtPublicSigningKeys":
      return setJwtKeys(tx, requireText(values[0], "issuer"), values[2] ?? null);
    case "removeJwtPublicSigningKeys":
      return removeJwtKeys(tx, requireText(values[0], "issuer"));
    default:
      throw effectError(`${name} is not known`);
  }
}

function endorseCertificate(values: Values, scope: EffectScope): string {
  const certificateSigningRequest = requireText(values[0], "csr");
  attempt("Failed to generate endorsed certificate", () => parseCsr(certificateSigningRequest));
  const placeholder = nextPlaceholder(scope);
  const value = { placeholder, certificateSigningRequest, ...validity(values[1], values[2]) };
  scope.effects.push({ effect: { $case: "endorseCertificate", value } });
  return placeholder;
}

function renewServiceCertificate(values: Values, scope: EffectScope): string {
  const placeholder = nextPlaceholder(scope);
  const value = { placeholder, ...validity(values[0], values[1]) };
  scope.effects.push({ effect: { $case: "renewServiceCertificate", value } });
  return placeholder;
}

/** One line without characters that JSON escapes: it reads the same in a raw value and in JSON. */
function nextPlaceholder({ effects, placeholderPrefix }: EffectScope): string {
  return `certificate-placeholder-${placeholderPrefix}-${effects.length}-`;
}

function validity(
  validFrom: GuestValue | undefined,
  days: GuestValue | undefined,
): { validFrom: string; validityPeriodDays: number } {
  const text = requireText(validFrom, "valid from");
  attempt("Invalid valid_from", () => parseValidFrom(text));
  if (typeof days !== "number" || !Number.isInteger(days) || days < 1 || days > VALIDITY_DAYS_MAX) {
    throw effectError(`Validity period must be 1 to ${VALIDITY_DAYS_MAX} days`);
  }
  return { validFrom: text, validityPeriodDays: days };
}

function attempt(what: string, action: () => unknown): void {
  try {
    action();
  } catch (error) {
    throw effectError(`${what}: ${isAppError(error) ? error.message : "it cannot be read"}`);
  }
}
