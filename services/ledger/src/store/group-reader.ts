// SPDX-License-Identifier: Apache-2.0
import {
  createPool,
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
