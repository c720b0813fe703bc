// SPDX-License-Identifier: Apache-2.0
import { LedgerSecret } from "@consortium/crypto-wasm";
import { iterateEntries } from "../entry/decode-entry.js";
import type { KvState } from "../kv/state.js";
import { buildCoseReceipt } from "../receipt/build-cose-receipt.js";
import type { ViewHistory } from "../replica/view-history.js";
import {
  finishSnapshot,
  snapshotEvidence,
  type FinishedSnapshot,
  type SnapshotEvidence,
} from "./finish-snapshot.js";
import { takeSnapshot, type SnapshotDraft } from "./take-snapshot.js";

export interface SnapshotProducerOptions {
  readonly kv: KvState;
  readonly history: ViewHistory;
  /** Seqnos between two snapshots; 0: only when one is requested. */
  readonly txCount: number;
  /**
   * After one, the next is due when so many times as long has passed as that one took: a large state
   * must not keep a primary at work for nothing else. One that is requested does not wait. Default: 0.
   */
  readonly restFactor?: number;
  /** Milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
  /** Where the newest snapshot there is was taken; 0 if there is none. */
  readonly lastSnapshotSeqno: number;
  /** The raw ledger secret that encrypts a seqno. */
  readonly secretOf: (seqno: number) => Uint8Array;
  readonly serviceCertPem: () => string;
  /** Sequences the evidence as a transaction and answers its seqno. */
  readonly submit: (evidence: SnapshotEvidence) => number;
  readonly put: (snapshot: FinishedSnapshot) => Promise<unknown>;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** A chunk that was committed, its signature last. */
export interface CommittedEntries {
  readonly firstSeqno: number;
  readonly lastSeqno: number;
  readonly entries: Uint8Array;
}

interface Draft {
  readonly draft: SnapshotDraft;
  readonly evidenceSeqno: number;
}

/**
 * Produces the snapshots of one view of a primary, one at a time. What goes wrong is logged and does no
 * harm: the next one is as good.
 *
 * 1. {@link arm} is asked when a batch is closed; if it agrees, the signature must end a file.
 * 2. When that signature is {@link committed}, the state is frozen and serialised in slices.
 * 3. The evidence is submitted as any transaction is.
 * 4. When that is {@link committed}, its receipt is appended and the snapshot is put into the store.
 *
 * @example
 * if (producer.arm(batch.signatureSeqno)) batch.endsFile = true;
 * primary.onCommit((chunk) => producer.committed(chunk));
 */
export class SnapshotProducer {
  readonly #options: SnapshotProducerOptions;
  readonly #stopping = new AbortController();
  #lastSeqno: number;
  #isRequested = false;
  /** The signature whose commit is awaited. */
  #armed: number | undefined;
  #waiting: Draft | undefined;
  #work: Promise<void> | undefined;
  /** How long the steps of the last one took. */
  #tookMs = 0;
  #restsUntil = -Infinity;

  constructor(options: SnapshotProducerOptions) {
    this.#options = options;
    this.#lastSeqno = options.lastSnapshotSeqno;
  }

  /** Takes one at the next signature, or as soon as the one under way is done. */
  request(): void {
    this.#isRequested = true;
  }

  /** Whether a snapshot is taken of the signature at this seqno, which is about to be sealed. */
  arm(signatureSeqno: number): boolean {
    const { txCount } = this.#options;
    const isDue =
      txCount > 0 && signatureSeqno - this.#lastSeqno >= txCount && this.#now() >= this.#restsUntil;
    if (!isDue && !this.#isRequested) return false;
    if (this.isBusy || this.#stopping.signal.aborted) return false;
    this.#armed = signatureSeqno;
    this.#isRequested = false;
    return true;
  }

  /** To be called in the very turn in which the state was committed. Never throws. */
  committed(chunk: CommittedEntries): void {
    const waiting = this.#waiting;
    if (waiting !== undefined && waiting.evidenceSeqno <= chunk.lastSeqno) {
      this.#waiting = undefined;
      this.#run("finish", () => this.#finish(waiting, chunk));
    }
    if (this.#armed !== chunk.lastSeqno) return;
    this.#armed = undefined;
    this.#lastSeqno = chunk.lastSeqno;
    this.#tookMs = 0;
    const state = this.#options.kv.freeze();
    this.#run("take", async () => {
      const draft = await takeSnapshot({
        state,
        chunk: chunk.entries,
        history: this.#options.history,
        secret: this.#options.secretOf(chunk.lastSeqno),
        signal: this.#stopping.signal,
      });
      this.#stopping.signal.throwIfAborted();
      const evidenceSeqno = this.#options.submit(snapshotEvidence(draft));
      this.#waiting = { draft, evidenceSeqno };
    });
  }

  /** Resolves when nothing is being done: a commit is awaited, or nothing. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** Gives up what is under way; what was put stays. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the primary leads no more"));
    this.#waiting = undefined;
    await this.idle();
  }

  /** Whether one is under way. */
  get isBusy(): boolean {
    return this.#armed !== undefined || this.#waiting !== undefined || this.#work !== undefined;
  }

  async #finish({ draft, evidenceSeqno }: Draft, { entries }: CommittedEntries): Promise<void> {
    const { secretOf, serviceCertPem, put, log } = this.#options;
    const decoded = [...iterateEntries(entries)];
    const evidence = decoded.find(({ seqno }) => seqno === evidenceSeqno);
    const signature = decoded.at(-1);
    if (evidence === undefined || signature === undefined) {
      throw new RangeError(`the chunk does not hold the evidence at ${evidenceSeqno}`);
    }
    const bytesOf = ({ offset, length }: typeof evidence): Uint8Array =>
      entries.subarray(offset, offset + length);
    using secret = new LedgerSecret(secretOf(evidenceSeqno));
    const receipt = buildCoseReceipt({
      entry: bytesOf(evidence),
      signatureEntry: bytesOf(signature),
      commitEvidence: secret.commitEvidence(evidence.view, evidenceSeqno),
    });
    const finished = finishSnapshot(draft, receipt, serviceCertPem());
    await put(finished);
    log.info({ name: finished.name, bytes: finished.byteLength }, "snapshot stored");
  }

  #run(step: string, task: () => Promise<void>): void {
    const startedAt = this.#now();
    this.#work = task()
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        this.#options.log.warn({ err: error, step }, "could not produce a snapshot");
      })
      .finally(() => {
        this.#work = undefined;
        this.#tookMs += this.#now() - startedAt;
        this.#restsUntil = this.#now() + this.#tookMs * (this.#options.restFactor ?? 0);
      });
  }

  #now(): number {
    return (this.#options.now ?? performance.now.bind(performance))();
  }
}
