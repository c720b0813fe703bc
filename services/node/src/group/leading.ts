// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@consortium/kit";
import type { GroupStore, NodeIdentity, PeerLink, WriteSet } from "@consortium/ledger";
import { IdempotencyKeys } from "../app/idempotency.js";
import type { NodeConfig } from "../config.js";
import { Lease } from "../pipeline/lease.js";
import { Primary } from "../pipeline/primary.js";
import type { Sealer } from "../pipeline/sealer.js";
import { Snapshots } from "../pipeline/snapshots.js";
import { Replication } from "./replication.js";
import type { LeadableState } from "./leadable-state.js";

export interface LeadingOptions {
  readonly groupId: number;
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  readonly link: PeerLink;
  readonly sealer: Sealer;
  readonly state: LeadableState;
  readonly log: Logger;
  /** Called when the store has not confirmed the lease in time. */
  readonly onCutOff: () => void;
}

/** How long the end of a term waits for a snapshot that is being stored. */
const SNAPSHOT_STOP_MS = 1000;

/** One term of leadership: what exists from taking the lease to losing or returning it. */
export class Leading {
  readonly primary: Primary;
  readonly lease: Lease;
  readonly replication: Replication;
  readonly state: LeadableState;
  readonly #snapshots: Snapshots;
  readonly #store: GroupStore;
  readonly #stopping = new AbortController();
  #idempotency: IdempotencyKeys | undefined;

  constructor(options: LeadingOptions) {
    const { groupId, config, identity, store, link, state, sealer } = options;
    this.state = state;
    this.#store = store;
    this.lease = new Lease(config.store.lease, state.leaseSentAt);
    sealer.begin({
      nodeId: identity.nodeId,
      nodePrivateKeyPem: identity.privateKeyPem,
      nodeCertificatePem: state.nodeCertificate,
      servicePrivateKeyPem: state.keys.privateKeyPem,
      ...state.coseSignatures,
      ledgerSecret: state.keys.latestSecret.raw,
      tree: state.tree,
    });
    const { view, lastSeqno, kv, history } = state;
    this.replication = new Replication({
      groupId,
      view,
      nodeId: identity.nodeId,
      kv: kv.committed,
      link,
    });
    this.#snapshots = new Snapshots({
      config: config.snapshots,
      store,
      state,
      log: options.log.child({ area: "snapshots" }),
    });
    this.primary = new Primary({
      endsFile: (signatureSeqno) => this.#snapshots.arm(signatureSeqno),
      groupId,
      view,
      lastSeqno,
      kv,
      history,
      store,
      sealer,
      lease: this.lease,
      replication: this.replication,
      limits: {
        signatureTxCount: config.ledger_signatures.tx_count,
        signatureDelayMs: config.ledger_signatures.delay,
        uncommittedMax: config.limits.max_uncommitted_tx_count,
        majorityTimeoutMs: config.consensus.election_timeout,
      },
      log: options.log.child({ area: "primary" }),
    });
    this.#snapshots.follow(this.primary);
    this.#keepLease();
    this.#beat(config.consensus.message_timeout, options);
  }

  /** Commits the genesis if there is one, and the first signature of the view. */
  async begin(genesis: WriteSet | undefined): Promise<void> {
    const first = genesis === undefined ? this.primary.sign() : this.primary.append(genesis);
    await this.primary.committed(first);
    this.#idempotency = new IdempotencyKeys(this.primary.kv.committed);
  }

  /** Whether the first signature of the view is committed: from then on this node serves. */
  get begun(): boolean {
    return this.#idempotency !== undefined && this.primary.leading;
  }

  get idempotency(): IdempotencyKeys {
    if (this.#idempotency === undefined) throw new Error("the view has not begun yet");
    return this.#idempotency;
  }

  /** Takes a snapshot at the next signature. */
  requestSnapshot(): void {
    this.#snapshots.request();
  }

  /** Commits what was sequenced, and returns the lease so that the next one need not wait. */
  async handOver(): Promise<void> {
    const led = this.primary.leading;
    await this.primary.drain();
    this.#stopping.abort();
    if (led) {
      await this.#store.releaseLease(this.state.view).catch(() => undefined);
      this.replication.farewell();
    }
    // One that is being stored is waited for a little, and left to the next primary otherwise.
    await Promise.race([
      this.#snapshots.stop(),
      sleep(SNAPSHOT_STOP_MS, undefined, { ref: false }),
    ]);
  }

  /** Ends at once, without a word to the store: it has another primary, or does not answer. */
  async abandon(): Promise<void> {
    this.#stopping.abort();
    await this.#store.releaseLease(this.state.view).catch(() => undefined);
    // A snapshot that is being stored may wait for a database that does not answer: nobody waits for it.
    void this.#snapshots.stop();
  }

  #keepLease(): void {
    this.lease.keep(this.#store, this.state.view, this.#stopping.signal).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.primary.stop(error as Error);
    });
  }

  #beat(intervalMs: number, { log, onCutOff }: LeadingOptions): void {
    let isCutOff = false;
    const timer = setInterval(() => {
      const was = isCutOff;
      isCutOff = this.lease.remainingMs <= 0;
      if (isCutOff && !was && this.primary.leading) {
        log.error("cut off from the store: the lease has run out, nothing is read or written here");
        onCutOff();
      } else if (was && !isCutOff) log.info("the store has confirmed the lease again");
      this.replication.heartbeat();
      this.primary.checkMajority();
    }, intervalMs);
    this.#stopping.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }
}
