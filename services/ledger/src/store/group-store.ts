// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import { isAppError } from "@consortium/kit/errors";
import { type Chunk, requireValidChunk } from "./append.js";
import { GroupReader, type GroupReaderOptions } from "./group-reader.js";
import { acquireLease, type LeaseHolder, type LeaseOutcome, releaseLease } from "./lease.js";
import { requireInteger } from "./seqno.js";
import { insertSnapshot, requireValidSnapshot, type SnapshotFile } from "./snapshots.js";
import { Writer } from "./writer.js";

export interface GroupStoreOptions extends GroupReaderOptions {
  /** Node id of this process. */
  holder: string;
  /** Made anew for each process by default. Two live copies of one node then exclude each other. */
  instance?: string;
  leaseMs: number;
}

/** Reads one group and, while it holds the lease, appends to it. */
export class GroupStore extends GroupReader {
  readonly holder: string;
  readonly instance: string;
  readonly #lease: LeaseHolder;
  readonly #writer: Writer;

  constructor(options: GroupStoreOptions) {
    super(options);
    this.holder = options.holder;
    this.instance = options.instance ?? randomUUID();
    const leaseMs = requireInteger(options.leaseMs, "leaseMs", 1);
    this.#lease = { group: this.group, holder: this.holder, instance: this.instance, leaseMs };
    this.#writer = new Writer(this.url, this.#lease, this.log);
  }

  /**
   * Takes the lead with the next view, if nobody else has it and the caller has verified everything up to
   * the head. The lease counts from `sentAt` (of `performance.now()`), which is before the database noted it.
   */
  acquireLease(verifiedSeqno: number): Promise<LeaseOutcome> {
    requireInteger(verifiedSeqno, "verifiedSeqno", 0);
    return this.read((client) => acquireLease(client, this.#lease, verifiedSeqno));
  }

  /**
   * Extends the lease; an append does so too. `fenced` is final. As long as the database does not answer
   * there is no answer here: abort, and the caller learns nothing.
   */
  renewLease(view: number, signal?: AbortSignal): Promise<"renewed" | "fenced"> {
    requireInteger(view, "view", 2);
    return orAborted(this.#writer.renew(view), signal);
  }

  /** Gives up the lead, so that the next one need not wait. Wait for all appends first. */
  releaseLease(view: number): Promise<"released" | "fenced"> {
    requireInteger(view, "view", 2);
    return this.read((client) => releaseLease(client, this.#lease, view));
  }

  /**
   * Appends one commit. May be called again before it has answered; appends take effect in the order of the
   * calls. `appended`: it is on the disk. `fenced`: it is not and never will be, another process leads.
   *
   * A lost answer never surfaces: the append is looked up when the database is back, and sent again if it is
   * not there. An aborted call has learnt nothing: the append may happen.
   */
  append(chunk: Chunk, signal?: AbortSignal): Promise<"appended" | "fenced"> {
    requireValidChunk(chunk);
    return orAborted(this.#writer.append(chunk), signal);
  }

  /**
   * Stores a snapshot beside the ledger, whole or not at all. Its chunk and its evidence must have been
   * appended. `present`: there is one of this seqno. A lost answer is settled by asking again.
   */
  async putSnapshot(snapshot: SnapshotFile): Promise<"stored" | "present"> {
    requireValidSnapshot(snapshot);
    const put = (): Promise<"stored" | "present"> =>
      this.transaction((client) => insertSnapshot(client, this.group, snapshot));
    return put().catch((error: unknown) => {
      if (!isAppError(error) || !LOST_ANSWERS.has(error.code)) throw error;
      return put();
    });
  }

  /** Waits for what is under way, `graceMs` at most. */
  override async close(graceMs = 5_000): Promise<void> {
    await this.#writer.close(graceMs);
    await super.close();
  }
}

/**
 * Opens a group for reading and writing, and checks that this version can work with the schema and the login
 * sees the group. It leads nothing until {@link GroupStore.acquireLease} says so.
 *
 * @example
 * await using store = await openGroupStore({ url, group: 0, holder: nodeId, leaseMs: 1000 });
 * const lease = await store.acquireLease(0);
 * if (lease.outcome === "acquired") {
 *   await store.append({ view: lease.view, previousSeqno: 0, lastSeqno: 2, entries });
 * }
 */
export async function openGroupStore(options: GroupStoreOptions): Promise<GroupStore> {
  const store = new GroupStore(options);
  try {
    await store.check();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The database may have stored it all the same. */
const LOST_ANSWERS = new Set(["DATABASE_UNAVAILABLE", "DATABASE_COMMIT_UNKNOWN"]);

function orAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
