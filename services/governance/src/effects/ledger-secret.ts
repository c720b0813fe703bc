// SPDX-License-Identifier: Apache-2.0
import { internalRows, SINGLETON_KEY, TABLES, type Transaction } from "@consortium/ledger";

/**
 * From which seqno on the latest ledger secret is used: what the last row of the chain of secrets
 * says or, after a rekey, the seqno behind that row (`reference` F.2). The first begins at 1.
 */
export function latestLedgerSecretSeqno(tx: Transaction): number {
  const table = TABLES.historicalEncryptedLedgerSecret;
  const row = tx.get(table, SINGLETON_KEY);
  if (row === undefined) return 1;
  const { next_version: nextVersion } = internalRows.historicalEncryptedLedgerSecret.decode(row);
  return nextVersion ?? (tx.versionOfPreviousWrite(table, SINGLETON_KEY) ?? 0) + 1;
}
