// SPDX-License-Identifier: Apache-2.0
import {
  internalRows,
  issueIdentityEndorsement,
  rows,
  SINGLETON_KEY,
  TABLES,
} from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import { effectFailed } from "./effect-failed.js";
import type { EffectContext, EffectOutcome } from "./effect.js";
import { issueShares } from "./shares.js";

/** Opens the service to users: issues the recovery shares and endorses its own identity (D.8). */
export function openService(
  effect: channel.Effect_TransitionServiceToOpen,
  { transaction, keys }: EffectContext,
): EffectOutcome | undefined {
  const row = transaction.get(TABLES.serviceInfo, SINGLETON_KEY);
  if (row === undefined) throw effectFailed("Unable to open service: there is no service yet");
  const info = rows.serviceInfo.decode(row);
  if (info.status !== "Opening") {
    throw effectFailed(`Unable to open service: the service is ${info.status}, not Opening`);
  }
  if (effect.nextServiceIdentity !== info.cert) {
    throw effectFailed(
      "Unable to open service: Service identity mismatch: the next service identity in the " +
        "transition_service_to_open proposal does not match the current service identity",
    );
  }
  const infoVersion = transaction.versionOfPreviousWrite(TABLES.serviceInfo, SINGLETON_KEY);
  const opened: rows.ServiceInfo = {
    ...info,
    status: "Open",
    ...(infoVersion === undefined ? {} : { previous_service_identity_version: infoVersion }),
  };
  transaction.put(TABLES.serviceInfo, SINGLETON_KEY, rows.serviceInfo.encode(opened));
  const { version } = keys.latestSecret;
  transaction.put(
    TABLES.historicalEncryptedLedgerSecret,
    SINGLETON_KEY,
    internalRows.historicalEncryptedLedgerSecret.encode({ next_version: version }),
  );
  endorseOwnIdentity({ transaction, keys }, info.current_service_create_txid ?? "");
  issueShares(transaction, keys.latestSecret);
  return undefined;
}

/** The first service of a ledger endorses itself, so that every later chain ends in it. */
function endorseOwnIdentity(
  { transaction, keys }: Pick<EffectContext, "transaction" | "keys">,
  epochStart: string,
): void {
  const row = issueIdentityEndorsement({
    endorsingKey: keys.signingKey,
    endorsedKey: keys.signingKey.publicKeySpki(),
    issuedAt: Math.floor(Date.now() / 1000),
    epochStart,
  });
  transaction.put(
    TABLES.previousServiceIdentityEndorsement,
    SINGLETON_KEY,
    internalRows.previousServiceIdentityEndorsement.encode(row),
  );
}
