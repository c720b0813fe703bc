// SPDX-License-Identifier: Apache-2.0
import {
  decodeJson,
  type GroupReader,
  internalRows,
  iterateEntries,
  type KvReader,
  type NodeIdentity,
  rows,
  SecretRing,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import type { SecretVersion } from "../effects/secret-version.js";
import { ServiceKeys } from "../effects/service-keys.js";
import { ENCRYPTED_SERVICE_KEYS, unwrapForNode } from "../effects/wrap-for-nodes.js";
import { nodeErrors } from "../errors.js";
import { keyOfScalar } from "../service/service-key.js";

/** What is on the ledger after a state. */
export interface LaterEntries {
  readonly store: Pick<GroupReader, "replay">;
  readonly fromSeqno: number;
  readonly signal: AbortSignal;
}

/**
 * The secrets that the ledger holds for this node, wrapped to its key: what a trusted node needs to
 * decrypt, and to lead. Gathered as the entries come by.
 */
export class OwnSecrets implements Disposable {
  readonly ring = new SecretRing();
  readonly #identity: NodeIdentity;
  readonly #secrets = new Map<number, SecretVersion>();
  #serviceKey: string | undefined;
  #certificate = "";

  constructor(identity: NodeIdentity) {
    this.#identity = identity;
  }

  /** Every ledger secret so far, oldest first. */
  get secrets(): readonly SecretVersion[] {
    return [...this.#secrets.values()].sort((a, b) => a.version - b.version);
  }

  /**
   * Begins anew at a state: with what it has for this node, or else with what comes later. A node is given
   * the secrets of all that was written before when it is trusted, and reads that before.
   */
  async begin(publicMaps: KvReader, later: LaterEntries): Promise<void> {
    this.#forget();
    const valueOf = (table: string): Uint8Array | undefined =>
      publicMaps.get(table, SINGLETON_KEY)?.value;
    this.#collectServiceCertificate(valueOf(TABLES.serviceInfo));
    this.#collectServiceKey(valueOf(ENCRYPTED_SERVICE_KEYS));
    this.#collectSecrets(valueOf(TABLES.encryptedLedgerSecrets));
    if (this.#secrets.size === 0) await this.#lookAhead(later);
  }

  /** Takes what an entry has for this node. */
  collect(writes: WriteSet): void {
    this.#collectServiceCertificate(writes.get(TABLES.serviceInfo)?.get(SINGLETON_KEY));
    this.#collectServiceKey(writes.get(ENCRYPTED_SERVICE_KEYS)?.get(SINGLETON_KEY));
    this.#collectSecrets(writes.get(TABLES.encryptedLedgerSecrets)?.get(SINGLETON_KEY));
  }

  /** What it takes to lead. Throws `NODE_NOT_TRUSTED` while the ledger holds nothing for this node. */
  serviceKeys(): ServiceKeys {
    if (this.#serviceKey === undefined || this.#secrets.size === 0) {
      throw nodeErrors(
        "NODE_NOT_TRUSTED",
        `the ledger holds no secret for node ${this.#identity.nodeId}`,
        {
          hint: "members trust the node with `ccfctl propose node trust`",
        },
      );
    }
    return new ServiceKeys(this.#serviceKey, this.#certificate, [...this.#secrets.values()]);
  }

  [Symbol.dispose](): void {
    this.#forget();
  }

  #forget(): void {
    this.ring.clear();
    for (const { raw } of this.#secrets.values()) raw.fill(0);
    this.#secrets.clear();
    this.#serviceKey = undefined;
    this.#certificate = "";
  }

  /**
   * Finds the secrets in entries that nobody has verified yet. They open what was signed, or do not;
   * nothing is ever encrypted with them before the entry has been verified.
   */
  async #lookAhead({ store, fromSeqno, signal }: LaterEntries): Promise<void> {
    for await (const { entries } of store.replay(fromSeqno, signal)) {
      if (!entries.includes(TABLES.encryptedLedgerSecrets)) continue;
      for (const { publicWrites } of iterateEntries(entries)) {
        const row = publicWrites.get(TABLES.encryptedLedgerSecrets)?.get(SINGLETON_KEY);
        const secrets = this.#unwrap(row);
        for (const { version, raw } of secrets) this.ring.add(version, raw);
        if (secrets.length > 0) return;
      }
    }
  }

  #collectServiceCertificate(row: Uint8Array | null | undefined): void {
    if (row !== undefined && row !== null) this.#certificate = rows.serviceInfo.decode(row).cert;
  }

  #collectServiceKey(row: Uint8Array | null | undefined): void {
    if (row === undefined || row === null) return;
    const wrapped = (decodeJson(row) as Record<string, string>)[this.#identity.nodeId];
    if (wrapped === undefined) return;
    this.#serviceKey = keyOfScalar(unwrapForNode(this.#identity.encryptionKey, wrapped));
  }

  #collectSecrets(row: Uint8Array | null | undefined): void {
    for (const secret of this.#unwrap(row)) {
      this.#secrets.set(secret.version, secret);
      this.ring.replace(secret.version, secret.raw);
    }
  }

  /** The secrets in a row that are not known for sure yet. */
  #unwrap(row: Uint8Array | null | undefined): SecretVersion[] {
    if (row === undefined || row === null) return [];
    const wrapped = internalRows.encryptedLedgerSecrets.decode(row)[this.#identity.nodeId] ?? [];
    return wrapped
      .filter(({ version }) => !this.#secrets.has(version))
      .map((one) => ({
        version: one.version,
        raw: unwrapForNode(this.#identity.encryptionKey, one.encrypted_secret),
        ...(one.previous_secret_stored_version === undefined
          ? {}
          : { previousSecretStoredVersion: one.previous_secret_stored_version }),
      }));
  }
}
