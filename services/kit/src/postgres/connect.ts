// SPDX-License-Identifier: Apache-2.0
import pg from "pg";
import { connectionRefusal } from "./connection-error.js";
import { postgresErrors } from "./errors.js";
import { splitHosts } from "./hosts.js";

export interface ConnectOptions {
  /** One or several hosts: `postgres://user:password@a:5432,b:5432/database`. */
  url: string;
  /** Send statements without waiting for the answers of earlier ones. */
  pipeline?: boolean;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
  connectTimeoutMs?: number;
  /** A statement that takes longer is ended by the server. 0 is no limit. */
  statementTimeoutMs?: number;
  /** A statement without an answer for so long is given up together with its connection. */
  answerTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const OLDEST_VERSION = 150_000;

/** What `pg` is given for one host. */
export function clientConfig(url: string, options: ConnectOptions): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 30_000,
    ...(options.answerTimeoutMs === undefined ? {} : { query_timeout: options.answerTimeoutMs }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(options.applicationName === undefined ? {} : { application_name: options.applicationName }),
    ...(options.pipeline === undefined ? {} : { pipeline: options.pipeline }),
  };
}

/**
 * Opens a connection to the host that is the writable server now: after a failover that is another one, and
 * a standby would answer with an older ledger. The caller must listen to `error` and `end`, and must end it.
 *
 * @example
 * const client = await connectWritable({ url: "postgres://u:p@a,b/ledger" });
 */
export async function connectWritable(options: ConnectOptions): Promise<pg.Client> {
  const urls = splitHosts(options.url);
  const failures: unknown[] = [];
  for (const url of urls) {
    const client = new pg.Client(clientConfig(url, options));
    // Without a listener, a connection that breaks while it is idle ends the process.
    client.on("error", ignore);
    try {
      await client.connect();
      await requireWritable(client);
      return client;
    } catch (error) {
      failures.push(error);
    }
    await client.end().catch(ignore);
  }
  throw connectionRefusal(urls, failures);
}

const IS_WRITABLE = `
  select
    pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as standby,
    current_setting('server_version_num')::int as version`;

/** Throws if the server is a standby, does not take writes, or is too old. */
export async function requireWritable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; version: number }>(IS_WRITABLE);
  const { standby, version } = rows[0] ?? { standby: true, version: 0 };
  if (version < OLDEST_VERSION) {
    throw postgresErrors("DATABASE_TOO_OLD", `the database server has version number ${version}`, {
      hint: "Use PostgreSQL 15 or later.",
    });
  }
  if (standby) throw new Error("the server is a standby or read-only");
}

function ignore(): void {
  // Whoever uses the connection learns of the failure by the statement that fails.
}
