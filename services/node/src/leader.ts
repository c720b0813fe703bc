// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@consortium/kit";
import { internalRows, SINGLETON_KEY, TABLES, type WriteSet } from "@consortium/ledger";
import type { LedGroup } from "./app/group.js";
import { IdempotencyKeys } from "./app/idempotency.js";
import type { NodeConfig } from "./config.js";
import type { ServiceKeys } from "./effects/service-keys.js";
import { nodeErrors } from "./errors.js";
import { Lease } from "./pipeline/lease.js";
import { Primary } from "./pipeline/primary.js";
import { Sealer } from "./pipeline/sealer.js";
import type { StartedService } from "./service/started-service.js";
import type { NodeView } from "./status/node-view.js";

interface Running {
  readonly group: LedGroup;
  readonly service: StartedService;
  readonly sealer: Sealer;
}

/** Leads the group of this node: holds what exists only while it does. */
export class Leader {
  readonly #view: NodeView;
  readonly #config: NodeConfig;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #running: Running | undefined;

  constructor(view: NodeView, config: NodeConfig, log: Logger) {
    this.#view = view;
    this.#config = config;
    this.#log = log;
  }

  get keys(): ServiceKeys {
    return this.#leading().service.keys;
  }

  get nodeCertificate(): string {
    return this.#leading().service.nodeCertificate;
  }

  get view(): number {
    return this.#leading().service.view;
  }

  /** The group, or `NOT_PRIMARY`. */
  group(): LedGroup {
    return this.#leading().group;
  }

  /** Starts the pipeline and commits the first signature of the view, after the genesis if given. */
  async lead(service: StartedService, genesis: WriteSet | undefined): Promise<void> {
    const { identity, store } = this.#view;
    const lease = new Lease(this.#config.store.lease, service.leaseSentAt);
    const sealer = new Sealer({
      nodeId: identity.nodeId,
      nodePrivateKeyPem: identity.privateKeyPem,
      nodeCertificatePem: service.nodeCertificate,
      servicePrivateKeyPem: service.keys.privateKeyPem,
      ...service.coseSignatures,
      ledgerSecret: service.keys.latestSecret.raw,
      tree: service.tree,
    });
    const primary = new Primary({
      groupId: 0,
      view: service.view,
      lastSeqno: service.lastSeqno,
      kv: service.kv,
      history: service.history,
      store,
      sealer,
      lease,
      limits: {
        signatureTxCount: this.#config.ledger_signatures.tx_count,
        signatureDelayMs: this.#config.ledger_signatures.delay,
        uncommittedMax: this.#config.limits.max_uncommitted_tx_count,
      },
      log: this.#log.child({ area: "primary" }),
    });
    primary.onCommit(({ lastSeqno }) => {
      const row = primary.kv.committed.get(TABLES.signatures, SINGLETON_KEY);
      if (row !== undefined) {
        service.checkpoint.note(lastSeqno, internalRows.signatures.decode(row.value).root);
      }
    });
    const first = genesis === undefined ? primary.sign() : primary.append(genesis);
    await primary.committed(first);
    const idempotency = new IdempotencyKeys(primary.kv.committed);
    this.#running = { group: { primary, idempotency }, service, sealer };
    this.#view.leads({
      primary,
      history: service.history,
      secrets: () => service.keys.secrets,
      leaseRemainingMs: () => lease.remainingMs,
    });
    lease.keep(store, service.view, this.#stopping.signal).catch((error: unknown) => {
      primary.stop(error as Error);
    });
    void primary.ended.then(() => this.#view.ledNoMore());
  }

  /** Commits what was sequenced, gives the lease back, and forgets the keys. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const running = this.#running;
    if (running === undefined) return;
    const { group, service, sealer } = running;
    const led = group.primary.leading;
    await group.primary.drain();
    if (led) await this.#view.store.releaseLease(service.view).catch(() => undefined);
    await service.checkpoint[Symbol.asyncDispose]();
    await sealer[Symbol.asyncDispose]();
    service.keys[Symbol.dispose]();
  }

  #leading(): Running {
    if (this.#running !== undefined) return this.#running;
    throw nodeErrors("NOT_PRIMARY", "this node does not lead the group yet", {
      hint: "ask again in a moment; GetState tells how far the node is",
      retryAfterMs: 500,
    });
  }
}
