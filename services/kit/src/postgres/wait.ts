// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { connectWritable } from "./connect.js";
import { isConnectionError } from "./connection-error.js";
import { type PostgresLog, silentLog } from "./log.js";

export interface WaitOptions {
  url: string;
  timeoutMs?: number;
  signal?: AbortSignal;
  log?: PostgresLog;
}

const POLL_MS_MAX = 1_000;

/**
 * Returns when a writable server answers. Throws `DATABASE_UNAVAILABLE` after the timeout, and at once what
 * waiting cannot mend: a refused login, a server that is too old, a connection string that is wrong.
 */
export async function waitForPostgres(options: WaitOptions): Promise<void> {
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, POLL_MS_MAX)) {
    options.signal?.throwIfAborted();
    try {
      const client = await connectWritable({ url: options.url });
      await client.end();
      return;
    } catch (error) {
      if (!isConnectionError(error) || Date.now() + pauseMs > deadline) throw error;
      (options.log ?? silentLog).info({ error }, "the database does not answer yet");
    }
    await sleep(pauseMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}
