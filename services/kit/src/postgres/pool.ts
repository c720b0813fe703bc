// SPDX-License-Identifier: Apache-2.0
import pg from "pg";
import { clientConfig, requireWritable } from "./connect.js";
import { connectionRefusal, isConnectionError } from "./connection-error.js";
import { splitHosts } from "./hosts.js";
import { type PostgresLog, silentLog } from "./log.js";

export interface PoolOptions {
  /** One or several hosts: `postgres://user:password@a:5432,b:5432/database`. */
  url: string;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
  /** Connections at most. */
  max?: number;
  statementTimeoutMs?: number;
  connectTimeoutMs?: number;
  log?: PostgresLog;
}

/**
 * A pool on the writable server. With several hosts, each new connection goes to the host that worked last,
 * and from there on to the next ones. Use {@link withClient} or {@link inTransaction} on it.
 *
 * @example
 * const pool = createPool({ url, max: 4, log });
 * const { rows } = await withClient(pool, (client) => client.query("select 1"));
 */
export function createPool(options: PoolOptions): pg.Pool {
  const log = options.log ?? silentLog;
  const urls = splitHosts(options.url);
  const hosts = { urls, current: 0 };
  const configs = urls.map((url) => clientConfig(url, options));

  class HostClient extends pg.Client {
    constructor() {
      super(configs[hosts.current % urls.length]);
    }
  }

  const pool = new pg.Pool({
    Client: HostClient,
    max: options.max ?? 4,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    verify: (client, done) => void verify(client, done),
  });
  // An idle connection that breaks must not end the process; the next user opens another.
  pool.on("error", (error: Error & { code?: string }) =>
    log.warn({ code: error.code, reason: error.message }, "an idle database connection broke"),
  );
  poolHosts.set(pool, hosts);
  return pool;
}

interface Hosts {
  urls: readonly string[];
  /** The host that new connections go to, counted on without end. */
  current: number;
}

const poolHosts = new WeakMap<pg.Pool, Hosts>();

/**
 * Gives `use` a connection of the pool and takes it back. A connection that failed is not used again, and
 * the next one is looked for at the next host.
 */
export async function withClient<Result>(
  pool: pg.Pool,
  use: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await acquire(pool);
  let failure: Error | undefined;
  // Without a listener, a connection that breaks between two statements ends the process.
  const onError = (error: Error): void => void (failure ??= error);
  client.on("error", onError);
  try {
    return await use(client);
  } catch (error) {
    if (isConnectionError(error))
      failure ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off("error", onError);
    if (failure !== undefined) moveOn(pool);
    client.release(failure);
  }
}

async function acquire(pool: pg.Pool): Promise<pg.PoolClient> {
  const urls = poolHosts.get(pool)?.urls ?? [];
  const failures: unknown[] = [];
  do {
    try {
      return await pool.connect();
    } catch (failure) {
      failures.push(failure);
      moveOn(pool);
    }
  } while (failures.length < urls.length);
  throw connectionRefusal(urls, failures);
}

function moveOn(pool: pg.Pool): void {
  const hosts = poolHosts.get(pool);
  if (hosts !== undefined) hosts.current += 1;
}

async function verify(client: pg.PoolClient, done: (error?: Error) => void): Promise<void> {
  let failure: Error | undefined;
  try {
    await requireWritable(client);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  }
  done(failure);
}
