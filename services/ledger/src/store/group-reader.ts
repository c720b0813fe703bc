// SPDX-License-Identifier: Apache-2.0
import {
  createPool,
  inTransaction,
  isConnectionError,
  type PostgresLog,
  silentLog,
  withClient,
} from "@consortium/kit";
import type { Pool, PoolClient } from "pg";
import { type Head, readHead } from "./head.js";
import type { StoredChunk } from "./copy-parser.js";
import { readChunk } from "./read-chunk.js";
import { replay } from "./replay.js";
import { requireSchema } from "./schema.js";
import { requireInteger } from "./seqno.js";
import { streamSnapshot } from "./stream-snapshot.js";
import { assemble, listSnapshots, SNAPSHOT_BYTES_MAX, type StoredSnapshot } from "./snapshots.js";
import { toStoreError } from "./store-error.js";

export interface GroupReaderOptions {
  /** Connection string of the service's own login; several hosts are separated by commas. */
  url: string;
  group: number;
  log?: PostgresLog;
}

/** Reads the ledger of one group from the writable server, never from a standby. */
export class GroupReader implements AsyncDisposable {
  readonly group: number;
  protected readonly url: string;
  protected readonly log: PostgresLog;
  readonly #pool: Pool;

  constructor(options: GroupReaderOptions) {
    this.group = requireInteger(options.group, "group", 0);
    this.url = options.url;
    this.log = options.log ?? silentLog;
    this.#pool = createPool({
      url: options.url,
      max: 4,
      applicationName: "ledger-reader",
      log: this.log,
    });
  }

  /** Throws unless this version can work with the schema, and the login sees the group. */
  async check(): Promise<Head> {
    return this.read(async (client) => {
      await requireSchema(client);
      return readHead(client, this.group);
    });
  }

  readHead(): Promise<Head> {
    return this.read((client) => readHead(client, this.group));
  }

  /** The chunk that holds a seqno; `undefined` if it is not on the ledger (yet). */
  readChunk(seqno: number): Promise<StoredChunk | undefined> {
    return this.read((client) => readChunk(client, this.group, requireInteger(seqno, "seqno", 1)));
  }

  /**
   * All chunks from the one that holds `fromSeqno`, in order. Outlives broken connections; ends at the head.
   *
   * @example
   * for await (const { firstSeqno, entries } of reader.replay(1, signal)) verify(firstSeqno, entries);
   */
  replay(
    fromSeqno: number,
    signal: AbortSignal = NEVER,
  ): AsyncGenerator<StoredChunk, void, undefined> {
    return replay({ url: this.url, group: this.group, fromSeqno, log: this.log, signal });
  }

  /** The snapshots there are, newest first. The one to start from is the first that verifies. */
  listSnapshots(limit = 100): Promise<StoredSnapshot[]> {
    return this.read((client) => listSnapshots(client, this.group, limit));
  }

  /** The newest snapshot; `undefined` if there is none. */
  async newestSnapshot(): Promise<StoredSnapshot | undefined> {
    return (await this.listSnapshots(1))[0];
  }

  /** The parts of a snapshot in order. Outlives broken connections. */
  streamSnapshot(
    stored: StoredSnapshot,
    signal: AbortSignal = NEVER,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { url, group, log } = this;
    return streamSnapshot(stored, { url, group, log, signal });
  }

  /**
   * A whole snapshot, as `readSnapshot` verifies it.
   *
   * @example
   * const stored = await reader.newestSnapshot();
   * const bytes = stored && (await reader.loadSnapshot(stored));
   */
  loadSnapshot(
    stored: StoredSnapshot,
    options: { readonly bytesMax?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Buffer> {
    const parts = this.streamSnapshot(stored, options.signal);
    return assemble(stored, parts, options.bytesMax ?? SNAPSHOT_BYTES_MAX);
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A connection of the pool may have broken unnoticed while it was idle, so it gets a second chance. */
  protected async read<Result>(use: (client: PoolClient) => Promise<Result>): Promise<Result> {
    try {
      return await withClient(this.#pool, use).catch((error: unknown) => {
        if (!isConnectionError(error)) throw error;
        return withClient(this.#pool, use);
      });
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** All of it or nothing. */
  protected async transaction<Result>(
    use: (client: PoolClient) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await inTransaction(this.#pool, use);
    } catch (error) {
      throw toStoreError(error);
    }
  }
}

const NEVER = new AbortController().signal;

/**
 * Opens a group for reading, and checks that it can be read.
 *
 * @example
 * await using reader = await openGroupReader({ url, group: 0 });
 */
export async function openGroupReader(options: GroupReaderOptions): Promise<GroupReader> {
  const reader = new GroupReader(options);
  try {
    await reader.check();
    return reader;
  } catch (error) {
    await reader.close();
    throw error;
  }
}
