// SPDX-License-Identifier: Apache-2.0
import {
  internalRows,
  type KvReader,
  type RowCodec,
  rows,
  SINGLETON_KEY,
  TABLES,
  Transaction,
  type WriteSet,
} from "@consortium/ledger";
import { shareRecipients } from "../effects/recovery-shares.js";
import type { PreparedTransaction } from "../ports.js";
import type { CertificateEffect } from "./certificate-check.js";

/** What is wrong with a row that only the primary could make; `undefined` if nothing is. */
export type RowCheck = (value: Uint8Array) => string | undefined;

/** What a transaction must have written: by the request itself, and by the effects it asked for. */
export interface ExpectedRows {
  readonly writes: WriteSet;
  /** Rows with secrets or signatures in them, under the singleton key of their table. */
  readonly made: ReadonlyMap<string, RowCheck>;
  /** By the placeholder that stands in `writes`. */
  readonly certificates: ReadonlyMap<string, CertificateEffect>;
  /** The service certificate in force before the transaction. */
  readonly serviceCertificate: string;
}

/** @param base the state that the request was decided on */
export function expectedRows(prepared: PreparedTransaction, base: KvReader): ExpectedRows {
  const tx = new Transaction(base);
  for (const [map, keys] of prepared.writes) {
    for (const [key, value] of keys) {
      if (value === null) tx.remove(map, key);
      else tx.put(map, key, value);
    }
  }
  const made = new Map<string, RowCheck>();
  const certificates = new Map<string, CertificateEffect>();
  for (const { effect } of prepared.effects) {
    switch (effect?.$case) {
      case "endorseCertificate":
      case "renewServiceCertificate":
        certificates.set(effect.value.placeholder, effect);
        break;
      case "transitionServiceToOpen":
        openService(tx, made);
        break;
      case "triggerLedgerRekey":
        made.set(TABLES.historicalEncryptedLedgerSecret, HISTORICAL_SECRET);
        made.set(TABLES.encryptedLedgerSecrets, LEDGER_SECRETS);
        made.set(TABLES.recoveryShares, sharesCheck(tx));
        break;
      case "triggerRecoverySharesRefresh":
        made.set(TABLES.recoveryShares, sharesCheck(tx));
        break;
      case "triggerLedgerChunk":
      case "triggerSnapshot":
      case "shuffleSealedShares":
      case undefined:
        break;
    }
  }
  const before = base.get(TABLES.serviceInfo, SINGLETON_KEY);
  const serviceCertificate = before === undefined ? "" : rows.serviceInfo.decode(before.value).cert;
  return { writes: tx.writes, made, certificates, serviceCertificate };
}

/** The primary sets the status itself, and nothing else of the row. */
function openService(tx: Transaction, made: Map<string, RowCheck>): void {
  const row = tx.get(TABLES.serviceInfo, SINGLETON_KEY);
  if (row === undefined) return;
  const info = rows.serviceInfo.decode(row);
  const isRecovery = info.status === "Recovering";
  const version = tx.versionOfPreviousWrite(TABLES.serviceInfo, SINGLETON_KEY);
  const opened: rows.ServiceInfo = {
    ...info,
    status: isRecovery ? "WaitingForRecoveryShares" : "Open",
    ...(version === undefined ? {} : { previous_service_identity_version: version }),
  };
  tx.put(TABLES.serviceInfo, SINGLETON_KEY, rows.serviceInfo.encode(opened));
  if (isRecovery) return;
  made.set(TABLES.historicalEncryptedLedgerSecret, HISTORICAL_SECRET);
  made.set(TABLES.previousServiceIdentityEndorsement, IDENTITY_ENDORSEMENT);
  made.set(TABLES.recoveryShares, sharesCheck(tx));
}

const HISTORICAL_SECRET = shapeOf(internalRows.historicalEncryptedLedgerSecret);
const LEDGER_SECRETS = shapeOf(internalRows.encryptedLedgerSecrets);
const IDENTITY_ENDORSEMENT = shapeOf(internalRows.previousServiceIdentityEndorsement);

function shapeOf(codec: RowCodec<unknown>): RowCheck {
  return (value) => {
    try {
      codec.decode(value);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}

/** Who got a share can be told, though not what is in it. */
function sharesCheck(tx: Transaction): RowCheck {
  return (value) => {
    const fault = shapeOf(internalRows.recoveryShares)(value);
    if (fault !== undefined) return fault;
    const { participants, owners } = shareRecipients(tx);
    const entitled = [...participants, ...owners].sort().join();
    const { encrypted_shares: shares } = internalRows.recoveryShares.decode(value);
    if (Object.keys(shares).sort().join() === entitled) return undefined;
    return "the recovery shares are not those of the active recovery members";
  };
}
