// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { digestEntries } from "@consortium/crypto-wasm";
import {
  createServiceCertificate,
  endorse,
  parseValidFrom,
  certificateFacts,
} from "@consortium/kit";
import type { channel } from "@consortium/proto";
import {
  decodeEntry,
  findConflict,
  internalRows,
  issueIdentityEndorsement,
  type KvKey,
  KvState,
  rows,
  SINGLETON_KEY,
  TABLES,
  Transaction,
  type WriteSet,
} from "@consortium/ledger";
import { LedgerBuilder, type BuiltEntry } from "@consortium/ledger/testing/ledger";
import { shareRecipients } from "../../effects/recovery-shares.js";
import { governanceErrors } from "../../errors.js";
import type { LedgerPort, LedgerSnapshot, PreparedTransaction } from "../../ports.js";
import { RootHistory } from "../root-history.js";

/**
 * A primary and a replica in one, on a genuine ledger: entries, tree and signatures are real, and the
 * effects are performed as the primary performs them, with secrets that are random bytes.
 */
export class RecordingLedger implements LedgerPort, Disposable {
  readonly builder: LedgerBuilder;
  readonly state = new KvState();
  readonly roots = new RootHistory();
  /** Runs before a submission is ordered: what others do meanwhile. */
  beforeSubmit: (() => void) | undefined;

  constructor(genesis: WriteSet) {
    this.builder = LedgerBuilder.create({ genesis });
    this.#take(this.builder.entries[0]!);
    this.sign();
  }

  snapshot(): LedgerSnapshot {
    const seqno = this.state.committedSeqno;
    const { view } = this.builder;
    return { kv: this.state.committed, seqno, view, root: this.roots.rootAt(seqno) };
  }

  submit(prepared: PreparedTransaction): Promise<{ transactionId: string }> {
    const interfere = this.beforeSubmit;
    this.beforeSubmit = undefined;
    interfere?.();
    if (findConflict(prepared.reads, this.state.latest) !== undefined)
      return Promise.reject(governanceErrors("TRANSACTION_CONFLICT", "it has changed"));
    const tx = new Transaction(this.state.latest);
    for (const [map, keys] of prepared.writes) {
      for (const [key, value] of keys)
        if (value === null) tx.remove(map, key);
        else tx.put(map, key, value);
    }
    for (const { effect } of prepared.effects) if (effect !== undefined) this.#perform(effect, tx);
    const { transactionId } = this.append(tx.writes);
    this.sign();
    return Promise.resolve({ transactionId });
  }

  reached(): Promise<void> {
    return Promise.resolve();
  }

  append(writes: WriteSet): BuiltEntry {
    return this.#take(this.builder.append(writes));
  }

  sign(): void {
    const entry = this.#take(this.builder.sign());
    this.state.commit(entry.seqno);
  }

  [Symbol.dispose](): void {
    this.builder[Symbol.dispose]();
    this.roots[Symbol.dispose]();
  }

  #take(entry: BuiltEntry): BuiltEntry {
    this.roots.append(digestEntries(entry.bytes).leaves);
    this.state.apply(entry.seqno, decodeEntry(entry.bytes).publicWrites);
    return entry;
  }

  #perform(effect: NonNullable<channel.Effect["effect"]>, tx: Transaction): void {
    const { certPem, keyPem, key } = this.builder.service;
    switch (effect.$case) {
      case "endorseCertificate": {
        const {
          certificateSigningRequest: csr,
          validFrom,
          validityPeriodDays: days,
        } = effect.value;
        const validity = { validFrom: parseValidFrom(validFrom), days };
        const issued = endorse({ csr, issuerKeyPem: keyPem, issuerCert: certPem, ...validity });
        replaceInWrites(tx, effect.value.placeholder, issued);
        break;
      }
      case "renewServiceCertificate": {
        const { validFrom, validityPeriodDays: days } = effect.value;
        const { subject } = certificateFacts(certPem);
        const validity = { validFrom: parseValidFrom(validFrom), days };
        const issued = createServiceCertificate({ keyPem, subject, ...validity });
        replaceInWrites(tx, effect.value.placeholder, issued);
        this.builder.service = { ...this.builder.service, certPem: issued };
        break;
      }
      case "transitionServiceToOpen": {
        const info = rows.serviceInfo.decode(tx.get(TABLES.serviceInfo, SINGLETON_KEY)!);
        const version = tx.versionOfPreviousWrite(TABLES.serviceInfo, SINGLETON_KEY)!;
        const opened = {
          ...info,
          status: "Open",
          previous_service_identity_version: version,
        } as const;
        put(tx, TABLES.serviceInfo, rows.serviceInfo.encode(opened));
        const secret = internalRows.historicalEncryptedLedgerSecret.encode({ next_version: 1 });
        put(tx, TABLES.historicalEncryptedLedgerSecret, secret);
        const spki = key.publicKeySpki();
        const endorsement = issueIdentityEndorsement({
          endorsingKey: key,
          endorsedKey: spki,
          issuedAt: 1_750_000_000,
          epochStart: "2.1",
        });
        const row = internalRows.previousServiceIdentityEndorsement.encode(endorsement);
        put(tx, TABLES.previousServiceIdentityEndorsement, row);
        issueShares(tx);
        break;
      }
      case "triggerLedgerRekey": {
        const secret = { encrypted_data: base64(60), version: 1 };
        const historical = internalRows.historicalEncryptedLedgerSecret.encode({
          previous_ledger_secret: secret,
        });
        put(tx, TABLES.historicalEncryptedLedgerSecret, historical);
        const wrapped = {
          [this.builder.node.nodeId]: [{ encrypted_secret: base64(256), version: 9 }],
        };
        put(tx, TABLES.encryptedLedgerSecrets, internalRows.encryptedLedgerSecrets.encode(wrapped));
        issueShares(tx);
        break;
      }
      case "triggerRecoverySharesRefresh":
        issueShares(tx);
        break;
      case "triggerLedgerChunk":
      case "triggerSnapshot":
      case "shuffleSealedShares":
        break;
    }
  }
}

function issueShares(tx: Transaction): void {
  const { participants, owners } = shareRecipients(tx);
  const shares = Object.fromEntries([...participants, ...owners].map((id) => [id, base64(256)]));
  const row = { encrypted_shares: shares, wrapped_latest_ledger_secret: base64(60) };
  put(tx, TABLES.recoveryShares, internalRows.recoveryShares.encode(row));
}

function base64(length: number): string {
  return randomBytes(length).toString("base64");
}

function put(tx: Transaction, table: string, value: Uint8Array): void {
  tx.put(table, SINGLETON_KEY, value);
}

function replaceInWrites(tx: Transaction, placeholder: string, certificate: string): void {
  for (const keys of tx.writes.values()) {
    const changed: [KvKey, Uint8Array][] = [];
    for (const [key, value] of keys) {
      const text = Buffer.from(value ?? []).toString("utf8");
      if (!text.includes(placeholder)) continue;
      const written = /^[{"[]/.test(text) ? JSON.stringify(certificate).slice(1, -1) : certificate;
      changed.push([key, Buffer.from(text.replaceAll(placeholder, written))]);
    }
    for (const [key, value] of changed) keys.set(key, value);
  }
}
