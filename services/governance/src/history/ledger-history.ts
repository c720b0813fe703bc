// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type AppError, isAppError } from "@consortium/kit";
import { type GroupReader, iterateEntries, LedgerVerifier } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { parseRecorded, recordedEnvelopes } from "../audit/recorded-request.js";
import { ProposalHistory, type RequestEntry } from "./proposal-history.js";

/** Where chunks of the main ledger come from. */
export type ChunkReader = Pick<GroupReader, "readChunk" | "readHead" | "replay">;

export interface LedgerHistoryOptions {
  readonly reader: ChunkReader;
  /** The service certificate that the node joined with: no other ledger is taken for ours. */
  readonly serviceCertificate: string;
}

/** How long an answer waits for the ledger to be read; what is left goes on without it. */
const WAIT_MS = 3_000;

/**
 * The proposals of the whole ledger, read from the store and verified like everything else that is
 * read from it. A node does not keep what the tables forget, and may have begun with a snapshot; so
 * this begins when it is first asked, and reads on from where it was each time.
 */
export class LedgerHistory implements AsyncDisposable {
  readonly #options: LedgerHistoryOptions;
  readonly #proposals = new ProposalHistory();
  readonly #verifier: LedgerVerifier;
  readonly #stopping = new AbortController();
  #reading: Promise<void> | undefined;
  #fault: AppError | undefined;
  #headSeqno = 0;

  constructor(options: LedgerHistoryOptions) {
    this.#options = options;
    this.#verifier = new LedgerVerifier({
      signatures: "service",
      requireServiceSignature: true,
      serviceCertPem: options.serviceCertificate,
    });
  }

  /** Up to which seqno the ledger was read. */
  get seqno(): number {
    return this.#verifier.lastSeqno;
  }

  /** The history as the ledger is now. Throws `HISTORY_NOT_READY` when that takes longer. */
  async current(): Promise<ProposalHistory> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    const isRead = await Promise.race([
      this.#reading.then(() => true),
      delay(WAIT_MS, false, { ref: false }),
    ]);
    if (this.#fault !== undefined) throw this.#fault;
    if (isRead) return this.#proposals;
    throw governanceErrors(
      "HISTORY_NOT_READY",
      `the ledger is being read: ${this.seqno} of ${this.#headSeqno} transactions so far`,
      { retryAfterMs: WAIT_MS, hint: "Ask again in a moment." },
    );
  }

  /** The request as it stands on the ledger. Throws `HISTORY_UNREADABLE`. */
  async readEnvelope({ seqno, digest }: RequestEntry): Promise<Uint8Array> {
    const chunk = await this.#options.reader.readChunk(seqno);
    for (const entry of chunk === undefined ? [] : iterateEntries(chunk.entries)) {
      if (entry.seqno !== seqno) continue;
      for (const row of recordedEnvelopes(entry.publicWrites).values()) {
        const { envelope } = parseRecorded(row);
        // The store is not trusted: it must be what was verified when it was read first.
        if (createHash("sha256").update(envelope).digest().equals(digest)) return envelope;
      }
    }
    throw governanceErrors(
      "HISTORY_UNREADABLE",
      `the store has no longer what was recorded at seqno ${seqno}`,
      { hint: "Verify the ledger: `ccfctl gov verify`." },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#reading?.catch(() => undefined);
    this.#verifier.dispose();
  }

  async #read(): Promise<void> {
    const { reader } = this.#options;
    const { signal } = this.#stopping;
    this.#headSeqno = (await reader.readHead()).lastSeqno;
    if (this.#headSeqno <= this.seqno || this.#fault !== undefined) return;
    for await (const { entries } of reader.replay(this.seqno + 1, signal)) {
      this.#feed(entries);
      if (signal.aborted || this.#fault !== undefined) return;
      // Others are served between two chunks.
      await delay(0);
    }
    if (!this.#verifier.hasExpectedService) this.#fail("it belongs to another service");
  }

  #feed(bytes: Uint8Array): void {
    try {
      for (const entry of this.#verifier.feed(bytes).entries) this.#proposals.note(entry);
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#fail(error.message, error);
    }
  }

  #fail(reason: string, cause?: AppError): void {
    const hint = "Verify the ledger: `ccfctl gov verify`.";
    const message = `the ledger in the store does not verify: ${reason}`;
    this.#fault = governanceErrors("HISTORY_UNREADABLE", message, { cause, hint });
  }
}
