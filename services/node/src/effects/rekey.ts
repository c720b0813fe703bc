// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { aesGcmSeal } from "@consortium/crypto-wasm";
import { internalRows, rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import { effectFailed } from "./effect-failed.js";
import type { EffectContext, EffectOutcome } from "./effect.js";
import type { SecretVersion } from "./secret-version.js";
import { issueShares } from "./shares.js";
import { wrapSecretsForNodes } from "./wrap-for-nodes.js";

/** A new ledger secret from the next transaction on; the old one is stored under it (D.11). */
export function rekeyLedger({ transaction, keys, seqno }: EffectContext): EffectOutcome {
  const row = transaction.get(TABLES.serviceInfo, SINGLETON_KEY);
  const status = row === undefined ? "missing" : rows.serviceInfo.decode(row).status;
  if (status !== "Open") throw effectFailed(`Cannot rekey ledger while the service is ${status}`);
  const old = keys.latestSecret;
  const next: SecretVersion = {
    version: seqno + 1,
    raw: randomBytes(32),
    previousSecretStoredVersion: seqno,
  };
  const iv = randomBytes(12);
  const sealed = aesGcmSeal(next.raw, iv, new Uint8Array(), old.raw);
  const encrypted = Buffer.concat([sealed.subarray(0, 16), iv, sealed.subarray(16)]);
  transaction.put(
    TABLES.historicalEncryptedLedgerSecret,
    SINGLETON_KEY,
    internalRows.historicalEncryptedLedgerSecret.encode({
      previous_ledger_secret: {
        encrypted_data: encrypted.toString("base64"),
        version: old.version,
        ...(old.previousSecretStoredVersion === undefined
          ? {}
          : { previous_secret_stored_version: old.previousSecretStoredVersion }),
      },
    }),
  );
  wrapSecretsForNodes(transaction, {
    ...keys.nodeSecrets(),
    secrets: [...keys.secrets, next],
  });
  issueShares(transaction, next);
  return { options: { nextSecret: next.raw }, sequenced: () => keys.addSecret(next) };
}
