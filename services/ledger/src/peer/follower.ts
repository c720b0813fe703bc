// SPDX-License-Identifier: Apache-2.0
import { certificateFacts, isAppError, type Logger } from "@consortium/kit";
import { channel } from "@consortium/proto";
import { parseTransactionId } from "../entry/index.js";
import {
  keyFromText,
  keyToText,
  type KvReader,
  SINGLETON_KEY,
  type WriteSet,
} from "../kv/index.js";
import {
  openReplica,
  type OpenReplicaOptions,
  Replica,
  type ReplicaOptions,
  type ViewHistory,
} from "../replica/index.js";
import type { GroupReader } from "../store/index.js";
import { rows, TABLES } from "../tables/index.js";
import {
  type AppendEntries,
  decodeConsensusHeader,
  encodeConsensusHeader,
} from "./consensus-header.js";
import { peerErrors } from "./errors.js";
import { type PeerLink, REQUEST } from "./peer-link.js";
import { encodePrepared, type PreparedTransaction } from "./prepared.js";

export interface FollowerOptions {
  readonly groupId: number;
  /** Hex SHA-256 of the service's public key; a ledger of another service is refused. */
  readonly serviceKeyId: string;
  /** This node, where it may lead itself. */
  readonly nodeId?: string;
  readonly store: GroupReader;
  readonly link: PeerLink;
  readonly log: Logger;
  /** Of the service: with it, a snapshot in the store spares reading what is before. */
  readonly serviceCertPem?: string | undefined;
  readonly seqnoMax?: OpenReplicaOptions["seqnoMax"];
  readonly onBegin?: OpenReplicaOptions["onBegin"];
  /** Opens the private maps of a snapshot, where this process may. */
  readonly secretOf?: OpenReplicaOptions["secretOf"];
  /** Decrypts the private maps of entries, where this process may. */
  readonly secrets?: ReplicaOptions["secrets"];
  /** Sees the public writes of every verified entry that is read, before anything is decrypted. */
  readonly onEntry?: ReplicaOptions["onEntry"];
}

/** One verified state, as of a seqno. */
export interface Snapshot {
  readonly kv: KvReader;
  readonly seqno: number;
  /** The view of that seqno. */
  readonly view: number;
  /** The Merkle root over every entry up to the seqno. */
  readonly root: Uint8Array;
}

/**
 * A replica that keeps up with the primary: from the store, and from the entries that the primary
 * sends. Both are verified alike, so neither is trusted. Whatever is missing is read from the store.
 */
export class LedgerFollower {
  readonly #options: FollowerOptions;
  #replica = new Replica();
  /** Whether the replica is more than a stand-in. */
  #begun = false;
  readonly #stopping = new AbortController();
  readonly #waiting: { seqno: number; wake: () => void }[] = [];
  readonly #listeners = new Set<() => void>();
  #primary: { nodeId: string } | undefined;
  #viewSeen = 0;
  /** The primary whose channel has ended, until somebody else is heard. */
  #lost: string | undefined;
  #lastHeard = -Infinity;
  #onSilence: () => void = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #fault: Error | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Why the follower has stopped, if it has: what it read is not the ledger it knows. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  get replica(): Replica {
    return this.#replica;
  }

  get history(): ViewHistory {
    return this.#replica.history;
  }

  /** The node that last sent entries, if any did. */
  get primaryNodeId(): string | undefined {
    return this.#primary?.nodeId;
  }

  /** Milliseconds since the primary was heard. */
  get silenceMs(): number {
    return performance.now() - this.#lastHeard;
  }

  /** Resolves after the primary has been silent for this long, or said farewell. */
  async silence(ms: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.silenceMs < ms) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms - this.silenceMs);
        this.#onSilence = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener("abort", this.#onSilence, { once: true });
      });
    }
  }

  /** Reads the ledger up to the head of the store. */
  catchUp(): Promise<void> {
    return this.#enqueue(() => this.#readStore());
  }

  /** Takes a consensus message of the primary; malformed and stale ones are dropped. */
  receive(peerId: string, headerBytes: Uint8Array, entries: Uint8Array): void {
    const header = decodeConsensusHeader(headerBytes);
    if (header.kind === "answer" || header.groupId !== this.#options.groupId) return;
    if (!this.#mayLead(peerId)) return;
    if (header.view < this.#viewSeen) return;
    this.#viewSeen = header.view;
    if (header.kind === "farewell") {
      this.lost(peerId);
      return;
    }
    this.#primary = { nodeId: peerId };
    this.#lost = undefined;
    this.#lastHeard = performance.now();
    this.#enqueue(() => this.#take(peerId, header, entries)).catch((error: unknown) => {
      this.#options.log.debug({ err: error }, "could not take entries");
    });
  }

  /** The channel to a peer has ended: if it was the primary's, there is no need to wait for silence. */
  lost(peerId: string): void {
    if (this.#primary !== undefined && this.#primary.nodeId !== peerId) return;
    this.#lost = peerId;
    this.#lastHeard = -Infinity;
    this.#primary = undefined;
    this.#onSilence();
  }

  snapshot(): Snapshot {
    if (this.#fault !== undefined) throw this.#fault;
    const { kv, seqno, history } = this.#replica;
    const view = history.viewOf(seqno) ?? 0;
    return { kv: kv.committed, seqno, view, root: this.#replica.root() };
  }

  /** Called after the replica has moved on. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the replica has reached a seqno. */
  async reached(seqno: number, signal?: AbortSignal): Promise<void> {
    while (this.#replica.seqno < seqno) {
      if (this.#fault !== undefined) throw this.#fault;
      signal?.throwIfAborted();
      await new Promise<void>((wake) => {
        this.#waiting.push({ seqno, wake });
        signal?.addEventListener("abort", () => wake(), { once: true });
      });
    }
  }

  /**
   * Has the primary order a transaction, and waits until it is in the replica. Throws
   * `TRANSACTION_CONFLICT` when something it read has changed.
   */
  async submit(
    prepared: PreparedTransaction,
    signal?: AbortSignal,
  ): Promise<{ transactionId: string }> {
    const payload = channel.SubmitTransactionRequest.encode(
      encodePrepared(this.#options.groupId, prepared),
    ).finish();
    const options = signal === undefined ? {} : { signal };
    const primary = await this.findPrimary();
    const answer = await this.#options.link.request(primary, REQUEST.submit, payload, options);
    const { transactionId } = channel.SubmitTransactionResponse.decode(answer);
    await this.reached(parseTransactionId(transactionId)?.seqno ?? 0, signal);
    return { transactionId };
  }

  /** The node that leads, by its messages or else by the store. */
  async findPrimary(): Promise<string> {
    if (this.#primary !== undefined && this.silenceMs < PRIMARY_KNOWN_MS)
      return this.#primary.nodeId;
    const { holder, leaseRemainingMs } = await this.#options.store.readHead();
    // Whoever was just lost holds its lease a little longer, and answers nobody; and a lease of this
    // node's own is one from before it followed.
    const isGone = holder === this.#lost || holder === this.#options.nodeId;
    if (holder !== undefined && leaseRemainingMs > 0 && !isGone) return holder;
    throw peerErrors("NOT_PRIMARY", "no node leads the group now", {
      hint: "try again in a moment; start a ledger node if none runs",
      retryAfterMs: 100,
    });
  }

  /** Takes nothing more; what is under way is finished. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work.catch(() => undefined);
    for (const waiting of this.#waiting.splice(0)) waiting.wake();
  }

  /** One thing at a time, in order. */
  #enqueue(task: () => Promise<void>): Promise<void> {
    const next = this.#work
      .catch(() => undefined)
      .then(() => {
        if (this.#fault !== undefined) throw this.#fault;
        if (!this.#stopping.signal.aborted) return task();
        return undefined;
      });
    this.#work = next;
    return next;
  }

  async #take(peerId: string, header: AppendEntries, entries: Uint8Array): Promise<void> {
    const expected = this.#replica.seqno + 1;
    if (this.#begun && entries.length > 0 && header.firstSeqno === expected) this.#feed(entries);
    else if (header.lastSeqno >= expected) await this.#readStore();
    this.#answer(peerId, header.view);
  }

  /** Not waited for: a primary that is gone must not hold up what comes from the next one. */
  #answer(peerId: string, view: number): void {
    const { groupId, link } = this.#options;
    const lastSeqno = this.#replica.seqno;
    const root = this.#replica.root();
    const answer = encodeConsensusHeader({ kind: "answer", groupId, view, lastSeqno, root });
    link.send(peerId, answer, new Uint8Array()).catch(() => undefined);
  }

  /**
   * Keeps the channels to the other ledger nodes open, so that whoever leads next need not begin
   * with a key exchange. They drop an answer of view 0.
   */
  greet(ownNodeId: string): void {
    for (const [key, { value }] of this.#replica.kv.committed.entries(TABLES.nodesInfo)) {
      const { status, role } = rows.nodesInfo.decode(value);
      const nodeId = keyToText(key);
      if (nodeId === ownNodeId || status !== "Trusted" || (role ?? "ledger") !== "ledger") continue;
      this.#answer(nodeId, 0);
    }
  }

  async #readStore(): Promise<void> {
    const { store } = this.#options;
    if (!this.#begun) await this.#begin();
    const head = await store.readHead();
    if (head.lastSeqno < this.#replica.seqno) throw this.#fail(this.#rolledBack(head.lastSeqno));
    if (head.lastSeqno === this.#replica.seqno) return;
    for await (const { entries } of store.replay(this.#replica.seqno + 1, this.#stopping.signal)) {
      this.#feed(entries);
    }
  }

  #feed(entries: Uint8Array): void {
    try {
      this.#replica.feed(entries);
    } catch (error) {
      throw this.#fail(error as Error);
    }
    this.#advanced();
  }

  /** With a snapshot that the ledger has proven, or with nothing. */
  async #begin(): Promise<void> {
    const { store, log, serviceCertPem, seqnoMax, onBegin, secretOf, secrets } = this.#options;
    try {
      const replica = await openReplica(store, {
        log,
        serviceCertPem,
        seqnoMax,
        signal: this.#stopping.signal,
        ...(onBegin && { onBegin }),
        ...(secretOf && { secretOf }),
        ...(secrets && { secrets }),
        onEntry: (seqno, writes) => {
          this.#checkService(writes);
          this.#options.onEntry?.(seqno, writes);
        },
      });
      const service = replica.kv.committed.get(TABLES.serviceInfo, SINGLETON_KEY);
      if (service !== undefined) this.#requireService(service.value);
      this.#replica = replica;
      this.#begun = true;
    } catch (error) {
      const isPassing = isAppError(error) && error.category === "unavailable";
      if (isPassing || this.#stopping.signal.aborted) throw error;
      throw this.#fail(error as Error);
    }
    if (this.#replica.seqno === 0) return;
    this.#options.link.recheck();
    this.#advanced();
  }

  #advanced(): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.seqno <= this.#replica.seqno) waiting.wake();
      else this.#waiting.push(waiting);
    }
    for (const listener of this.#listeners) listener();
  }

  /** Only ledger nodes lead; before the ledger is read, the channel's own check has to do. */
  #mayLead(peerId: string): boolean {
    const row = this.#replica.kv.committed.get(TABLES.nodesInfo, keyFromText(peerId));
    return row === undefined || (rows.nodesInfo.decode(row.value).role ?? "ledger") === "ledger";
  }

  #checkService(writes: WriteSet): void {
    if (writes.has(TABLES.nodesInfo)) setImmediate(() => this.#options.link.recheck());
    const row = writes.get(TABLES.serviceInfo)?.get(SINGLETON_KEY);
    if (row !== undefined && row !== null) this.#requireService(row);
  }

  #requireService(row: Uint8Array): void {
    const { nodeId: keyId } = certificateFacts(rows.serviceInfo.decode(row).cert);
    if (keyId === this.#options.serviceKeyId) return;
    throw peerErrors(
      "OTHER_SERVICE",
      "the ledger belongs to another service than this node joined",
      {
        hint: "check the store's connection string and the service certificate",
      },
    );
  }

  #rolledBack(found: number): Error {
    return peerErrors(
      "LEDGER_ROLLED_BACK",
      `this node has verified the ledger up to seqno ${this.#replica.seqno}, the store ends at ${found}`,
      { hint: "restore the newest copy of the database; if none has it, recover the service" },
    );
  }

  #fail(error: Error): Error {
    this.#fault = error;
    this.#options.log.error({ err: error }, "stopped following the ledger");
    for (const waiting of this.#waiting.splice(0)) waiting.wake();
    return error;
  }
}

/** After this silence the store is asked who leads. */
const PRIMARY_KNOWN_MS = 2000;
