// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@consortium/kit";
import {
  decodeMaps,
  type GroupStore,
  type KvState,
  Transaction,
  type ViewHistory,
  type WriteSet,
} from "@consortium/ledger";
import { nodeErrors } from "../errors.js";
import { Batch } from "./batch.js";
import type { Replication } from "../group/replication.js";
import type { Lease } from "./lease.js";
import type { SealedChunk } from "./messages.js";
import type { Sealer } from "./sealer.js";
import { CommitWaiters } from "./waiters.js";

/** Two commits may be on their way to the disk while a third is being signed. */
const APPENDS_IN_FLIGHT_MAX = 2;

export interface PrimaryOptions {
  readonly groupId: number;
  readonly view: number;
  /** The last seqno of the ledger this primary continues. */
  readonly lastSeqno: number;
  readonly kv: KvState;
  readonly history: ViewHistory;
  readonly store: GroupStore;
  readonly sealer: Sealer;
  readonly lease: Lease;
  readonly replication: Replication;
  readonly limits: PrimaryLimits;
  /** Asked once for every signature: whether the ledger file ends there. */
  readonly endsFile?: (signatureSeqno: number) => boolean;
  readonly log: Logger;
}

export interface PrimaryLimits {
  /** Transactions covered by one signature at the most. */
  readonly signatureTxCount: number;
  /** How long a batch may wait for more transactions before it is signed; 0: not at all. */
  readonly signatureDelayMs: number;
  /** Executed transactions that may wait for their commit. */
  readonly uncommittedMax: number;
  /** How long a durable chunk may wait for a majority before this node leads no more. */
  readonly majorityTimeoutMs: number;
}

/** What a transaction asks of the pipeline beside its writes. */
export interface AppendOptions {
  /** 32 bytes bound into the transaction's receipt. */
  readonly claimsDigest?: Uint8Array;
  /** The ledger secret from the next transaction on. */
  readonly nextSecret?: Uint8Array;
  /** Ends the ledger file at the next signature. */
  readonly endsFile?: boolean;
}

/** A chunk that is durable. */
export interface CommittedChunk {
  readonly firstSeqno: number;
  readonly lastSeqno: number;
  /** The Merkle root over every entry up to the last one. */
  readonly root: Uint8Array;
  readonly entries: Uint8Array;
}

/** Hears of every commit, and how long the oldest transaction in it has waited for that. */
type CommitListener = (chunk: CommittedChunk, latencyMs: number) => void;

/**
 * Leads one view of a group: executes transactions one after the other, seals and signs them in
 * batches on another thread, and appends each batch in one statement. Batches form by themselves
 * while earlier ones are being signed and stored.
 */
export class Primary {
  readonly view: number;
  readonly kv: KvState;
  readonly #options: PrimaryOptions;
  readonly #waiters = new CommitWaiters();
  readonly #listeners = new Set<CommitListener>();
  readonly #closed: Batch[] = [];
  /** Durable chunks that a majority has not acknowledged yet. */
  readonly #stored: { chunk: SealedChunk; since: number; startedAt: number }[] = [];
  #open: Batch;
  #committedSeqno: number;
  #sealing = false;
  #appending = 0;
  #storedSeqno: number;
  #scheduled = false;
  #failure: Error | undefined;
  #stopped: ((error: Error | undefined) => void) | undefined;
  /** Settles when this primary no longer leads: with an error unless it was told to stop. */
  readonly ended: Promise<Error | undefined>;

  constructor(options: PrimaryOptions) {
    this.#options = options;
    this.view = options.view;
    this.kv = options.kv;
    this.#committedSeqno = options.lastSeqno;
    this.#storedSeqno = options.lastSeqno;
    this.#open = new Batch(options.lastSeqno + 1);
    this.ended = new Promise((resolve) => (this.#stopped = resolve));
    options.replication.onProgress(() => this.#advance());
  }

  get committedSeqno(): number {
    return this.#committedSeqno;
  }

  /** The seqno of the last executed transaction. */
  get latestSeqno(): number {
    return this.#open.signatureSeqno - 1;
  }

  get leading(): boolean {
    return this.#failure === undefined;
  }

  /** Executes on the latest state and sequences what it writes; nothing is sequenced when it throws. */
  execute<T>(
    run: (transaction: Transaction) => T,
    options: AppendOptions = {},
  ): { seqno: number; result: T } {
    this.assertWritable();
    const transaction = new Transaction(this.kv.latest);
    const result = run(transaction);
    return { seqno: this.append(transaction.writes, options), result };
  }

  /** Sequences writes that were decided on the latest state in this very turn. */
  append(writes: WriteSet, options: AppendOptions = {}): number {
    const seqno = this.#add(writes, options);
    if (options.endsFile === true) this.#open.endsFile = true;
    if (options.nextSecret !== undefined) {
      this.#open.nextSecret = options.nextSecret;
      this.#close();
    }
    this.#closeIfFull();
    this.#schedule();
    return seqno;
  }

  /** Sequences many transactions with consecutive seqnos; answers the first. */
  appendAll(writes: readonly WriteSet[], options: AppendOptions = {}): number {
    this.assertWritable();
    const first = this.#open.signatureSeqno;
    for (const set of writes) this.#add(set, options);
    this.#closeIfFull();
    this.#schedule();
    return first;
  }

  /** Signs even if nothing was written: the first act of every view. */
  sign(): number {
    const seqno = this.#open.signatureSeqno;
    this.#close();
    this.#schedule();
    return seqno;
  }

  /** Resolves when the seqno is durable and signed; rejects if it never will be. */
  committed(seqno: number): Promise<void> {
    if (seqno <= this.#committedSeqno) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#waiters.wait(seqno);
  }

  /** Throws unless a write may be sequenced now. */
  assertWritable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#options.lease.assertValid();
    if (this.backlog >= this.#options.limits.uncommittedMax) {
      throw nodeErrors(
        "TOO_MANY_PENDING_TRANSACTIONS",
        `${this.backlog} transactions wait for their commit`,
        { hint: "try again in a moment", retryAfterMs: 100 },
      );
    }
  }

  /** Throws unless committed data may be read as the latest: another node may lead after the lease. */
  assertReadable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#options.lease.assertValid();
  }

  get committedTransactionId(): string {
    return `${this.viewOf(this.#committedSeqno)}.${this.#committedSeqno}`;
  }

  /** The view in which a seqno was executed. */
  viewOf(seqno: number): number {
    if (seqno > this.#committedSeqno) return this.view;
    return this.#options.history.viewOf(seqno) ?? this.view;
  }

  /** Executed transactions that are not committed. */
  get backlog(): number {
    return this.latestSeqno - this.#committedSeqno;
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until everything sequenced so far is committed, then leads no more. */
  async drain(): Promise<void> {
    if (this.#failure === undefined && this.backlog > 0) {
      await this.committed(this.latestSeqno).catch(() => undefined);
    }
    this.#end(undefined);
  }

  /** Leads no more; what was not committed never will be by this primary. */
  stop(error: Error): void {
    this.#end(error);
  }

  #schedule(): void {
    if (this.#scheduled || this.#failure !== undefined) return;
    this.#scheduled = true;
    const { signatureDelayMs } = this.#options.limits;
    const pump = (): void => {
      this.#scheduled = false;
      this.#pump();
    };
    if (signatureDelayMs > 0 && this.#closed.length === 0) setTimeout(pump, signatureDelayMs);
    else setImmediate(pump);
  }

  #add(writes: WriteSet, options: AppendOptions): number {
    const seqno = this.#open.signatureSeqno;
    this.kv.apply(seqno, writes);
    this.#open.add(writes, options.claimsDigest);
    return seqno;
  }

  #closeIfFull(): void {
    if (this.#open.count >= this.#options.limits.signatureTxCount) this.#close();
  }

  #close(): void {
    const batch = this.#open;
    if (this.#options.endsFile?.(batch.signatureSeqno) === true) batch.endsFile = true;
    this.#closed.push(batch);
    this.#open = new Batch(batch.signatureSeqno + 1);
  }

  #pump(): void {
    if (this.#failure !== undefined || this.#sealing) return;
    if (this.#appending >= APPENDS_IN_FLIGHT_MAX) return;
    if (this.#closed.length === 0 && this.#open.count > 0) this.#close();
    const batch = this.#closed.shift();
    if (batch === undefined) return;
    this.#sealing = true;
    void this.#seal(batch);
  }

  async #seal(batch: Batch): Promise<void> {
    try {
      const chunk = await this.#options.sealer.seal({
        view: this.view,
        firstSeqno: batch.firstSeqno,
        count: batch.count,
        nextSecret: batch.nextSecret,
        endsFile: batch.endsFile,
        batch: batch.take(),
      });
      this.#sealing = false;
      this.#appending += 1;
      void this.#store(chunk, batch.startedAt);
      this.#pump();
    } catch (error) {
      this.#end(error as Error);
    }
  }

  async #store(chunk: SealedChunk, startedAt: number): Promise<void> {
    if (this.#failure !== undefined) return;
    const previousSeqno = this.#storedSeqno;
    this.#storedSeqno = chunk.lastSeqno;
    const sentAt = performance.now();
    try {
      const outcome = await this.#options.store.append({
        view: this.view,
        previousSeqno,
        lastSeqno: chunk.lastSeqno,
        entries: chunk.entries,
      });
      if (this.#failure !== undefined) return;
      if (outcome === "fenced") throw fenced(this.#options.groupId, this.view);
      this.#options.lease.renewed(sentAt);
      this.#appending -= 1;
      this.#stored.push({ chunk, since: performance.now(), startedAt });
      this.#options.replication.stored(chunk);
      this.#advance();
      this.#pump();
    } catch (error) {
      this.#end(error as Error);
    }
  }

  /** Commits what is durable and acknowledged by a majority. */
  #advance(): void {
    if (this.#failure !== undefined) return;
    const { replication } = this.#options;
    for (;;) {
      const next = this.#stored[0];
      if (next === undefined) return;
      // Whose word counts may have changed with the chunk before.
      if (next.chunk.lastSeqno > replication.majoritySeqno) return;
      this.#stored.shift();
      this.#commit(next.chunk, performance.now() - next.startedAt);
    }
  }

  /** Leads no more when a majority has been silent for too long; asked regularly. */
  checkMajority(): void {
    const oldest = this.#stored[0];
    const { majorityTimeoutMs } = this.#options.limits;
    if (oldest === undefined || performance.now() - oldest.since < majorityTimeoutMs) return;
    this.#end(
      nodeErrors("NO_MAJORITY", "no majority of the ledger nodes has acknowledged in time", {
        hint: "start the other ledger nodes, or have members remove those that are gone",
      }),
    );
  }

  #commit(chunk: SealedChunk, latencyMs: number): void {
    this.kv.commit(chunk.lastSeqno, decodeMaps(chunk.signatureMaps, "public"));
    this.#options.history.note(this.view, chunk.firstSeqno);
    this.#committedSeqno = chunk.lastSeqno;
    this.#options.replication.committed(chunk.lastSeqno);
    this.#waiters.commit(chunk.lastSeqno);
    for (const listener of this.#listeners) listener(chunk, latencyMs);
  }

  #end(error: Error | undefined): void {
    if (this.#failure !== undefined) return;
    this.#failure = notPrimary(error);
    if (error !== undefined) {
      this.#options.log.error({ err: error, view: this.view }, "no longer primary");
    }
    this.#waiters.fail(this.#failure);
    this.kv.rollback();
    this.#stopped?.(error);
  }
}

function fenced(groupId: number, view: number): Error {
  return nodeErrors("NOT_PRIMARY", `another node leads group ${groupId} after view ${view}`);
}

function notPrimary(cause: Error | undefined): Error {
  return nodeErrors("NOT_PRIMARY", "this node does not lead the group any more", {
    hint: "find the primary with GetConsensus and ask GetTransactionStatus there before writing again",
    ...(cause === undefined ? {} : { cause }),
  });
}
