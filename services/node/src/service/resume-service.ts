// SPDX-License-Identifier: Apache-2.0
import { type Logger, certificateFacts } from "@consortium/kit";
import {
  decodeJson,
  type GroupStore,
  internalRows,
  keyFromText,
  type NodeIdentity,
  Replica,
  rows,
  SecretRing,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import { type SecretVersion, ServiceKeys } from "../effects/service-keys.js";
import { ENCRYPTED_SERVICE_KEYS, unwrapForNode } from "../effects/wrap-for-nodes.js";
import { nodeErrors } from "../errors.js";
import { COSE_SIGNATURES_CONFIG } from "../genesis/genesis.js";
import type { Checkpoint } from "./checkpoint.js";
import { keyOfScalar } from "./service-key.js";
import type { StartedService } from "./started-service.js";
import { rolledBack, takeLead } from "./take-lead.js";

export interface ResumeServiceOptions {
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Takes a service up again: verifies the whole ledger, unwraps the secrets, and leads a new view. */
export async function resumeService(options: ResumeServiceOptions): Promise<StartedService> {
  const { identity, store, checkpoint, signal, log } = options;
  const reader = new LedgerReader(identity, checkpoint);
  const head = await store.readHead();
  if (head.lastSeqno < checkpoint.content.seqno) {
    throw rolledBack(checkpoint.content.seqno, head.lastSeqno);
  }
  const startedAt = performance.now();
  await reader.catchUp(store, signal);
  log.info(
    { seqno: reader.replica.seqno, ms: Math.round(performance.now() - startedAt) },
    "verified the ledger",
  );
  const lead = await takeLead({
    store,
    nodeId: identity.nodeId,
    verifiedSeqno: () => reader.replica.seqno,
    catchUp: () => reader.catchUp(store, signal),
    signal,
    log,
  });
  const { kv, history } = reader.replica;
  const certificate = kv.committed.get(
    TABLES.nodesEndorsedCertificates,
    keyFromText(identity.nodeId),
  );
  const info = kv.committed.get(TABLES.serviceInfo, SINGLETON_KEY);
  if (certificate === undefined || info === undefined) throw notOurs(identity.nodeId);
  return {
    keys: new ServiceKeys(
      reader.serviceKey(),
      rows.serviceInfo.decode(info.value).cert,
      reader.secrets,
    ),
    kv,
    history,
    lastSeqno: reader.replica.seqno,
    tree: reader.replica.tree(),
    view: lead.view,
    leaseSentAt: lead.sentAt,
    nodeCertificate: Buffer.from(certificate.value).toString("utf8"),
    coseSignatures: coseSignatures(reader.replica),
    checkpoint,
  };
}

/** Feeds a replica from the store, and unwraps the secrets as they come by. */
class LedgerReader {
  readonly secrets: SecretVersion[] = [];
  readonly replica: Replica;
  readonly #identity: NodeIdentity;
  readonly #checkpoint: Checkpoint;
  readonly #ring = new SecretRing();

  constructor(identity: NodeIdentity, checkpoint: Checkpoint) {
    this.#identity = identity;
    this.#checkpoint = checkpoint;
    this.replica = new Replica({
      secrets: this.#ring,
      onEntry: (seqno, writes) => this.#onEntry(seqno, writes),
    });
  }

  async catchUp(store: GroupStore, signal: AbortSignal): Promise<void> {
    for await (const { entries } of store.replay(this.replica.seqno + 1, signal)) {
      this.replica.feed(entries);
    }
  }

  /** PKCS#8 PEM of the service key. */
  serviceKey(): string {
    const row = this.replica.kv.committed.get(ENCRYPTED_SERVICE_KEYS, SINGLETON_KEY);
    const wrapped = row === undefined ? {} : (decodeJson(row.value) as Record<string, string>);
    const own = wrapped[this.#identity.nodeId];
    if (own === undefined) throw notOurs(this.#identity.nodeId);
    return keyOfScalar(unwrapForNode(this.#identity.encryptionKey, own));
  }

  #onEntry(seqno: number, writes: WriteSet): void {
    this.#checkService(writes);
    this.#checkAnchor(seqno, writes);
    const row = writes.get(TABLES.encryptedLedgerSecrets)?.get(SINGLETON_KEY);
    if (row === undefined || row === null) return;
    const wrapped = internalRows.encryptedLedgerSecrets.decode(row)[this.#identity.nodeId] ?? [];
    for (const secret of wrapped) {
      const raw = unwrapForNode(this.#identity.encryptionKey, secret.encrypted_secret);
      const previous = secret.previous_secret_stored_version;
      this.secrets.push({
        version: secret.version,
        raw,
        ...(previous === undefined ? {} : { previousSecretStoredVersion: previous }),
      });
      this.#ring.add(secret.version, raw);
    }
  }

  /** The ledger must be that of the service this node started. */
  #checkService(writes: WriteSet): void {
    const row = writes.get(TABLES.serviceInfo)?.get(SINGLETON_KEY);
    if (row === undefined || row === null) return;
    const { nodeId: keyId } = certificateFacts(rows.serviceInfo.decode(row).cert);
    if (keyId !== this.#checkpoint.content.service_key_id) throw notOurs(this.#identity.nodeId);
  }

  /** The ledger must contain what this node has seen committed. */
  #checkAnchor(seqno: number, writes: WriteSet): void {
    const anchor = this.#checkpoint.content;
    if (seqno !== anchor.seqno) return;
    const row = writes.get(TABLES.signatures)?.get(SINGLETON_KEY);
    const root =
      row === undefined || row === null ? undefined : internalRows.signatures.decode(row).root;
    if (root === anchor.root) return;
    throw nodeErrors(
      "LEDGER_ROLLED_BACK",
      `the store has another transaction at seqno ${seqno} than the one this node saw committed`,
      { hint: "restore the newest copy of the database; if none has it, recover the service" },
    );
  }
}

function coseSignatures(replica: Replica): { issuer: string; subject: string } {
  const row = replica.kv.committed.get(COSE_SIGNATURES_CONFIG, SINGLETON_KEY);
  const config = row === undefined ? {} : (decodeJson(row.value) as Record<string, string>);
  return { issuer: config["issuer"] ?? "", subject: config["subject"] ?? "" };
}

function notOurs(nodeId: string): Error {
  return nodeErrors(
    "LEDGER_NOT_EMPTY",
    `the store holds a ledger that node ${nodeId} does not belong to`,
    {
      hint: "name the store of this node's service, or an empty one",
    },
  );
}
