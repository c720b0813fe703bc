// SPDX-License-Identifier: Apache-2.0
import { keyToText, rows, SINGLETON_KEY, TABLES, type Transaction } from "@consortium/ledger";
import { effectError } from "./effect-error.js";

export interface ShareRecipients {
  readonly participants: readonly string[];
  readonly owners: readonly string[];
}

/** Active members with an encryption key, by what they would get (`reference` F.2). */
export function shareRecipients(tx: Transaction): ShareRecipients {
  const withKey = new Set([...tx.entries(TABLES.membersEncryptionPublicKeys)].map(([key]) => key));
  const participants: string[] = [];
  const owners: string[] = [];
  for (const [key, value] of tx.entries(TABLES.membersInfo)) {
    const { status, recovery_role: role } = rows.membersInfo.decode(value);
    if (status !== "Active" || !withKey.has(key)) continue;
    if (role === undefined || role === "Participant") participants.push(keyToText(key));
    if (role === "Owner") owners.push(keyToText(key));
  }
  return { participants, owners };
}

export function recoveryThreshold(tx: Transaction): number {
  const row = tx.get(TABLES.serviceConfig, SINGLETON_KEY);
  return row === undefined ? 0 : rows.serviceConfig.decode(row).recovery_threshold;
}

/** Throws unless recovery shares could be issued now. */
export function requireShareRecipients(tx: Transaction, action: string): void {
  const threshold = recoveryThreshold(tx);
  const { participants, owners } = shareRecipients(tx);
  if (participants.length === 0 && owners.length === 0) {
    throw effectError(`${action}: There are no active recovery members`);
  }
  if (threshold < 1) throw effectError(`${action}: Recovery threshold should be at least 1`);
  // Where there are only owners, the one share that is made has the threshold 1.
  const shares = participants.length === 0 ? 1 : participants.length;
  if (threshold > shares) {
    throw effectError(
      `${action}: Recovery threshold ${threshold} should be equal to or less than the number of active recovery members ${shares}`,
    );
  }
}
