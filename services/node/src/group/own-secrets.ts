// SPDX-License-Identifier: Apache-2.0
import {
  decodeJson,
  internalRows,
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
    this.ring[Symbol.dispose]();
    for (const { raw } of this.#secrets.values()) raw.fill(0);
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
    if (row === undefined || row === null) return;
    const wrapped = internalRows.encryptedLedgerSecrets.decode(row)[this.#identity.nodeId] ?? [];
    for (const secret of wrapped) {
      if (this.#secrets.has(secret.version)) continue;
      const raw = unwrapForNode(this.#identity.encryptionKey, secret.encrypted_secret);
      const previous = secret.previous_secret_stored_version;
      this.#secrets.set(secret.version, {
        version: secret.version,
        raw,
        ...(previous === undefined ? {} : { previousSecretStoredVersion: previous }),
      });
      this.ring.add(secret.version, raw);
    }
  }
}
