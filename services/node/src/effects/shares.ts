// SPDX-License-Identifier: Apache-2.0
import { constants, publicEncrypt } from "node:crypto";
import { aesGcmSeal, deriveWrappingKey, splitSecret } from "@consortium/crypto-wasm";
import {
  internalRows,
  type KvKey,
  keyToText,
  rows,
  SINGLETON_KEY,
  TABLES,
  type Transaction,
} from "@consortium/ledger";
import { effectFailed } from "./effect-failed.js";
import type { SecretVersion } from "./secret-version.js";

interface RecoveryMembers {
  /** Hold a share each, in the order of their ids. */
  readonly participants: readonly string[];
  /** Hold the full key. */
  readonly owners: readonly string[];
}

/**
 * Wraps the ledger secret with a fresh key and shares that key among the recovery members
 * (reference F.1, F.2).
 */
export function issueShares(transaction: Transaction, secret: SecretVersion): void {
  const { participants, owners } = recoveryMembers(transaction);
  const threshold = recoveryThreshold(transaction);
  checkThreshold(threshold, participants.length, owners.length);
  const split = splitSecret({ threshold, count: Math.max(participants.length, 1) });
  const wrappingKey = deriveWrappingKey(split.secret);
  const iv = new Uint8Array(12);
  const sealed = aesGcmSeal(wrappingKey, iv, new Uint8Array(), secret.raw);
  const wrapped = Buffer.concat([sealed.subarray(0, 16), iv, sealed.subarray(16)]);
  const encryptedShares: Record<string, string> = {};
  participants.forEach((memberId, index) => {
    const share = split.shares[index];
    if (share === undefined) throw new Error("there is a share for every participant");
    encryptedShares[memberId] = encryptTo(transaction, memberId, share);
  });
  for (const memberId of owners) {
    encryptedShares[memberId] = encryptTo(transaction, memberId, split.secret);
  }
  wrappingKey.fill(0);
  split.secret.fill(0);
  for (const share of split.shares) share.fill(0);
  transaction.put(
    TABLES.recoveryShares,
    SINGLETON_KEY,
    internalRows.recoveryShares.encode({
      encrypted_shares: encryptedShares,
      wrapped_latest_ledger_secret: wrapped.toString("base64"),
      ...(secret.previousSecretStoredVersion === undefined
        ? {}
        : { previous_secret_stored_version: secret.previousSecretStoredVersion }),
    }),
  );
}

function recoveryMembers(transaction: Transaction): RecoveryMembers {
  const participants: string[] = [];
  const owners: string[] = [];
  for (const [key, value] of transaction.entries(TABLES.membersInfo)) {
    const info = rows.membersInfo.decode(value);
    if (info.status !== "Active" || !hasEncryptionKey(transaction, key)) continue;
    if (info.recovery_role === "Owner") owners.push(keyToText(key));
    else if (info.recovery_role !== "NonParticipant") participants.push(keyToText(key));
  }
  return { participants, owners };
}

function hasEncryptionKey(transaction: Transaction, key: KvKey): boolean {
  return transaction.has(TABLES.membersEncryptionPublicKeys, key);
}

function recoveryThreshold(transaction: Transaction): number {
  const row = transaction.get(TABLES.serviceConfig, SINGLETON_KEY);
  if (row === undefined) throw effectFailed("there is no service configuration");
  return rows.serviceConfig.decode(row).recovery_threshold;
}

function checkThreshold(threshold: number, participants: number, owners: number): void {
  const cannot = "Unable to issue recovery shares";
  if (participants + owners === 0) throw effectFailed(`${cannot}: no active recovery member`);
  if (threshold === 0) throw effectFailed(`${cannot}: the recovery threshold is 0`);
  if (participants === 0 && threshold !== 1) {
    throw effectFailed(`${cannot}: with recovery owners only, the threshold must be 1`);
  }
  if (participants > 0 && threshold > participants) {
    throw effectFailed(
      `${cannot}: Recovery threshold ${threshold} should be equal to or less than the number of ` +
        `active recovery members ${participants}`,
    );
  }
}

function encryptTo(transaction: Transaction, memberId: string, share: Uint8Array): string {
  const key = transaction.get(TABLES.membersEncryptionPublicKeys, memberId);
  try {
    return publicEncrypt(
      {
        key: Buffer.from(key ?? new Uint8Array()).toString("utf8"),
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: "sha256",
      },
      share,
    ).toString("base64");
  } catch (error) {
    throw effectFailed(`the encryption key of member ${memberId} is not an RSA public key`, error);
  }
}
