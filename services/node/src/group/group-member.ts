// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@consortium/kit";
import {
  decodeJson,
  type GroupStore,
  isRetired,
  keyFromText,
  LedgerFollower,
  type NodeIdentity,
  type PeerLink,
  SINGLETON_KEY,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import type { NodeConfig } from "../config.js";
import { COSE_SIGNATURES_CONFIG } from "../genesis/genesis.js";
import { findNode } from "../channel/peers.js";
import { Sealer } from "../pipeline/sealer.js";
import type { Checkpoint } from "../service/checkpoint.js";
import { Anchor } from "./anchor.js";
import type { LeadableState } from "./leadable-state.js";
import { cutOff, retired, twin } from "./refusals.js";
import { Leading } from "./leading.js";
import { OwnSecrets } from "./own-secrets.js";
import { Retirement } from "./retirement.js";

export interface GroupMemberOptions {
  readonly groupId: number;
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  readonly link: PeerLink;
  readonly checkpoint: Checkpoint;
  /** Of the service, as handed over: snapshots that it signed are believed. */
  readonly serviceCertificate: string | undefined;
  readonly log: Logger;
}

/** Follows the primary, with what a backup needs to answer by itself. */
export interface Following {
  readonly follower: LedgerFollower;
  readonly secrets: OwnSecrets;
}

/** How often a lease that seems to be our own may be renewed by somebody else. */
const TWIN_LEASES_MAX = 4;

/**
 * A ledger node's part in one group: it follows, and leads when nobody else does. PostgreSQL decides
 * who leads; nothing here does.
 */
export class GroupMember implements AsyncDisposable {
  readonly #options: GroupMemberOptions;
  readonly #anchor: Anchor;
  readonly #sealer = new Sealer();
  readonly #stopping = new AbortController();
  #leading: Leading | undefined;
  #following: Following | undefined;
  #caughtUp = false;
  #running: Promise<void> = Promise.resolve();
  #fault: Error | undefined;
  #startupSeqno: number | undefined;
  #steppedDown = "";
  #onReady: () => void = () => undefined;
  #onChange: () => void = () => undefined;
  #onLatency: (ms: number) => void = () => undefined;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
    this.#anchor = new Anchor(options.checkpoint);
    options.link.onConsensus((peerId, header, entries) => this.#receive(peerId, header, entries));
    options.link.onLost((peerId) => this.#following?.follower.lost(peerId));
  }

  /** The term of leadership, if this node leads. */
  get leading(): Leading | undefined {
    return this.#leading?.begun === true ? this.#leading : undefined;
  }

  /** The replica, once it has caught up for the first time. */
  get following(): Following | undefined {
    return this.#caughtUp ? this.#following : undefined;
  }

  /** Why this node serves no more, if so. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  /** The seqno of the snapshot that this process began with; 0 if it began without. */
  get startupSeqno(): number {
    return this.#startupSeqno ?? 0;
  }

  /** Why this node last stopped leading without being asked to; empty if it never did. */
  get steppedDown(): string {
    return this.#steppedDown;
  }

  /** Called when the committed state has moved on, or the node has changed its part. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Called for every commit that this node leads, with what the oldest transaction in it waited. */
  onCommitLatency(listener: (ms: number) => void): void {
    this.#onLatency = listener;
  }

  /** Names another certificate of this node in the signatures from now on. */
  updateCertificate(nodeCertificatePem: string): void {
    if (this.leading !== undefined) this.#sealer.updateCertificate(nodeCertificatePem);
  }

  /** Leads a new service from its genesis. */
  async create(state: LeadableState, genesis: WriteSet): Promise<void> {
    this.#startupSeqno = 0;
    const leading = this.#lead(state);
    await leading.begin(genesis);
    this.#running = this.#run(leading);
  }

  /** Follows the ledger that is there; resolves when this node leads, or knows that another does. */
  async follow(): Promise<void> {
    const ready = new Promise<void>((resolve) => (this.#onReady = resolve));
    this.#running = this.#run(undefined);
    await Promise.race([ready, this.#running]);
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Ends when the node is stopped, or cannot go on. */
  get ended(): Promise<void> {
    return this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.leading?.handOver();
    await this.#following?.follower.stop();
    await this.#running.catch(() => undefined);
    await this.#options.checkpoint[Symbol.asyncDispose]();
    await this.#sealer[Symbol.asyncDispose]();
  }

  async #run(first: Leading | undefined): Promise<void> {
    const { signal } = this.#stopping;
    let leading = first;
    try {
      while (!signal.aborted) {
        if (leading === undefined) {
          const state = await this.#untilLeadable();
          if (state === undefined) return;
          leading = this.#lead(state);
          await leading.begin(undefined).catch(() => undefined);
        }
        this.#following = undefined;
        this.#onReady();
        this.#onChange();
        const reason = await leading.primary.ended;
        if (signal.aborted) return;
        if (reason !== undefined) this.#noteStepDown(leading.primary.view, reason);
        await leading.abandon();
        this.#onChange();
        leading = undefined;
        // Whoever is in a better position goes first.
        if (reason !== undefined)
          await this.#pause(Math.random() * this.#options.config.store.lease);
      }
    } catch (error) {
      this.#fault = error as Error;
      this.#options.log.error({ err: error }, "this node cannot go on");
      await this.#following?.follower.stop();
      this.#onChange();
    }
  }

  /** Follows until this node has the lease; `undefined` when it was stopped. */
  async #untilLeadable(): Promise<LeadableState | undefined> {
    const { signal } = this.#stopping;
    const following = this.#startFollowing();
    const { follower, secrets } = following;
    const startedAt = performance.now();
    await this.#patiently(() => follower.catchUp());
    if (signal.aborted) return undefined;
    const ms = Math.round(performance.now() - startedAt);
    const { seqno, startSeqno: from } = follower.replica;
    this.#options.log.info({ seqno, from, ms }, "verified the ledger");
    this.#startupSeqno ??= from;
    this.#anchor.requireReached(follower.replica.seqno);
    this.#requirePart(follower);
    this.#caughtUp = true;
    this.#onChange();
    const lease = await this.#untilLease(follower);
    if (lease === undefined) return undefined;
    // It goes on answering reads until the view has begun.
    await follower.stop();
    const { kv, history } = follower.replica;
    return {
      keys: secrets.serviceKeys(),
      kv,
      history,
      lastSeqno: follower.replica.seqno,
      tree: follower.replica.tree(),
      view: lease.view,
      leaseSentAt: lease.sentAt,
      nodeCertificate: this.#nodeCertificate(follower),
      coseSignatures: coseSignatures(follower),
    };
  }

  #startFollowing(): Following {
    const { groupId, identity, store, link, checkpoint, serviceCertificate, log } = this.#options;
    const secrets = new OwnSecrets(identity);
    const follower = new LedgerFollower({
      groupId,
      serviceKeyId: checkpoint.content.service_key_id,
      nodeId: identity.nodeId,
      store,
      link,
      log: log.child({ area: "follower" }),
      serviceCertPem: serviceCertificate,
      seqnoMax: this.#anchor.snapshotSeqnoMax,
      secrets: secrets.ring,
      secretOf: (seqno) => secrets.ring.rawOf(seqno),
      onBegin: (seqno, publicMaps) =>
        secrets.begin(publicMaps, {
          store,
          fromSeqno: seqno + 1,
          signal: this.#stopping.signal,
        }),
      onEntry: (seqno, writes) => {
        this.#anchor.check(seqno, writes);
        secrets.collect(writes);
      },
    });
    follower.onAdvance(() => {
      this.#anchor.note(follower.replica.kv.committed);
      this.#onChange();
    });
    this.#caughtUp = false;
    this.#following = { follower, secrets };
    return this.#following;
  }

  /** Waits for silence, and takes the lease once everything up to the head is verified. */
  async #untilLease(
    follower: LedgerFollower,
  ): Promise<{ view: number; sentAt: number } | undefined> {
    const { store, identity, config, log } = this.#options;
    const { signal } = this.#stopping;
    let twinSince: number | undefined;
    using _greeting = every(GREETING_MS, () => follower.greet(identity.nodeId));
    while (!signal.aborted) {
      await follower.silence(config.store.lease, signal);
      if (follower.fault !== undefined) throw follower.fault;
      this.#requirePart(follower);
      const head = await this.#patiently(() => store.readHead());
      if (head === undefined) return undefined;
      if (head.leaseRemainingMs > 0 && head.instance !== store.instance) {
        const now = performance.now();
        const isOwn = head.holder === identity.nodeId;
        twinSince = isOwn ? (twinSince ?? now) : undefined;
        if (!isOwn) this.#onReady();
        // The lease of a process that was killed ends, that of a twin is renewed.
        const twinMs = twinSince === undefined ? 0 : now - twinSince;
        if (twinMs > TWIN_LEASES_MAX * config.store.lease) throw twin(identity.nodeId);
        // Whoever leads may have no channel to this node.
        await this.#patiently(() => follower.catchUp());
        // It may return the lease before it ends, and have no channel left to say so.
        await this.#pause(Math.min(head.leaseRemainingMs + LEASE_SLACK_MS, LEASE_POLL_MS));
        continue;
      }
      twinSince = undefined;
      await this.#patiently(() => follower.catchUp());
      if (!this.#mayLead(follower)) {
        this.#onReady();
        await this.#pause(config.store.lease);
        continue;
      }
      const outcome = await this.#patiently(() => store.acquireLease(follower.replica.seqno));
      if (outcome?.outcome === "acquired") {
        // Nobody else appends now, so what is found is what this node goes on from.
        const chunk = await this.#patiently(() => store.readChunk(follower.replica.seqno));
        if (signal.aborted) return undefined;
        this.#anchor.requireSameEnd(follower.replica, chunk);
        this.#anchor.requireNewView(follower.history, outcome.view);
        log.info({ view: outcome.view }, "took the lease");
        return outcome;
      }
      if (outcome?.outcome === "behind") this.#anchor.requireReached(outcome.head.lastSeqno);
    }
    return undefined;
  }

  #lead(state: LeadableState): Leading {
    const leading = new Leading({
      ...this.#options,
      sealer: this.#sealer,
      state,
      onCutOff: () => this.#noteStepDown(state.view, cutOff()),
    });
    const retirement = new Retirement({
      primary: leading.primary,
      nodeId: this.#options.identity.nodeId,
      log: this.#options.log,
      onOwn: () => void leading.handOver(),
    });
    leading.primary.onCommit((_, latencyMs) => {
      this.#onLatency(latencyMs);
      this.#anchor.note(leading.primary.kv.committed);
      // Not in the middle of a commit.
      setImmediate(() => retirement.check());
      this.#onChange();
    });
    this.#leading = leading;
    return leading;
  }

  #mayLead(follower: LedgerFollower): boolean {
    const node = findNode(follower.replica.kv.committed, this.#options.identity.nodeId);
    return node?.status === "Trusted" && (node.role ?? "ledger") === "ledger";
  }

  /** Refuses to go on as a node that members have removed. */
  #requirePart(follower: LedgerFollower): void {
    const { nodeId } = this.#options.identity;
    if (isRetired(follower.replica.kv.committed, nodeId)) throw retired(nodeId);
  }

  #noteStepDown(view: number, reason: Error): void {
    const code = "code" in reason ? `${String(reason.code)}: ` : "";
    this.#steppedDown = `view ${view}, ${new Date().toISOString()}: ${code}${reason.message}`;
  }

  #receive(peerId: string, header: Uint8Array, entries: Uint8Array): void {
    try {
      const term = this.#leading;
      if (term?.primary.leading === true) term.replication.receive(peerId, header);
      // Not before the store was held against the anchor: an answer vouches for what is there.
      else if (this.#caughtUp) this.#following?.follower.receive(peerId, header, entries);
    } catch (error) {
      this.#options.log.warn({ err: error, peerId }, "dropped a consensus message");
    }
  }

  #nodeCertificate(follower: LedgerFollower): string {
    const { nodeId } = this.#options.identity;
    const row = follower.replica.kv.committed.get(
      TABLES.nodesEndorsedCertificates,
      keyFromText(nodeId),
    );
    return row === undefined ? "" : Buffer.from(row.value).toString("utf8");
  }

  /** A database that does not answer is waited for. */
  async #patiently<T>(act: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return await act();
      } catch (error) {
        if (!isTransient(error)) throw error;
        this.#options.log.warn({ err: error }, "the store does not answer; trying again");
        await this.#pause(STORE_RETRY_MS);
      }
    }
    return undefined;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

const GREETING_MS = 5000;

/** Acts now and then, until disposed of. */
function every(intervalMs: number, act: () => void): Disposable {
  act();
  const timer = setInterval(act, intervalMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** The lease has ended for sure after this much more. */
const LEASE_SLACK_MS = 5;
/** How often the store is asked whether the lease is free, while nobody leads. */
const LEASE_POLL_MS = 100;
const STORE_RETRY_MS = 200;

function isTransient(error: unknown): boolean {
  return error instanceof Error && "category" in error && error.category === "unavailable";
}

function coseSignatures(follower: LedgerFollower): { issuer: string; subject: string } {
  const row = follower.replica.kv.committed.get(COSE_SIGNATURES_CONFIG, SINGLETON_KEY);
  const config = row === undefined ? {} : (decodeJson(row.value) as Record<string, string>);
  return { issuer: config["issuer"] ?? "", subject: config["subject"] ?? "" };
}
