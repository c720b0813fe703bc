// SPDX-License-Identifier: Apache-2.0
import type { Effect } from "../channel/decode.js";
import type { AppendOptions } from "../pipeline/primary.js";
import { endorseCertificate, renewServiceCertificate } from "./certificates.js";
import type { EffectContext, EffectOutcome } from "./effect.js";
import { openService } from "./open-service.js";
import { rekeyLedger } from "./rekey.js";
import { issueShares } from "./shares.js";

/** Performs the effects in order. Throws `EFFECT_FAILED`; then nothing has changed. */
export function performEffects(effects: readonly Effect[], context: EffectContext): EffectOutcome {
  const outcomes = effects.map((effect) => perform(effect, context));
  return {
    options: Object.assign({}, ...outcomes.map((outcome) => outcome?.options)) as AppendOptions,
    sequenced: () => {
      for (const outcome of outcomes) outcome?.sequenced?.();
    },
  };
}

function perform(effect: Effect, context: EffectContext): EffectOutcome | undefined {
  switch (effect.$case) {
    case "endorseCertificate":
      return endorseCertificate(effect.value, context);
    case "renewServiceCertificate":
      return renewServiceCertificate(effect.value, context);
    case "transitionServiceToOpen":
      return openService(effect.value, context);
    case "triggerLedgerRekey":
      return rekeyLedger(context);
    case "triggerRecoverySharesRefresh":
      issueShares(context.transaction, context.keys.latestSecret);
      return undefined;
    case "triggerLedgerChunk":
      return { options: { endsFile: true } };
    case "triggerSnapshot":
      // Which ends a ledger file as well.
      return { options: {}, sequenced: context.requestSnapshot };
    case "shuffleSealedShares":
      // Shares sealed to a chip exist only where the evidence is AMD SEV-SNP.
      return undefined;
  }
}
