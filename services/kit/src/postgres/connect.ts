// SPDX-License-Identifier: Apache-2.0
import pg from "pg";
import { AppError } from "../errors/index.js";
import { postgresErrors } from "./errors.js";
import { describeHosts, splitHosts } from "./hosts.js";

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
      const { rows } = await client.query<{ standby: boolean; version: number }>(IS_WRITABLE);
      requireVersion(rows[0]?.version ?? 0);
      if (rows[0]?.standby === false) return client;
      failures.push(new Error("the server is a standby or read-only"));
    } catch (error) {
      failures.push(error);
    }
    await client.end().catch(ignore);
  }
  throw refusal(urls, failures);
}

const IS_WRITABLE = `
  select
    pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as standby,
    current_setting('server_version_num')::int as version`;

function requireVersion(version: number): void {
  if (version >= OLDEST_VERSION) return;
  throw postgresErrors("DATABASE_TOO_OLD", `the database server has version number ${version}`, {
    hint: "Use PostgreSQL 15 or later.",
  });
}

function refusal(urls: readonly string[], failures: readonly unknown[]): Error {
  const final = failures.find((failure) => failure instanceof AppError);
  if (final !== undefined) return final;
  const cause = failures.length === 1 ? failures[0] : new AggregateError(failures);
  const refused = failures.find((failure) => LOGIN_STATES.has(sqlState(failure) ?? ""));
  if (refused !== undefined) {
    return postgresErrors(
      "DATABASE_LOGIN_REFUSED",
      `the database at ${describeHosts(urls)} refuses the login: ${describe(refused)}`,
      { hint: "Check user, password and database name in the connection string.", cause },
    );
  }
  return postgresErrors(
    "DATABASE_UNAVAILABLE",
    `no writable database at ${describeHosts(urls)}: ${failures.map(describe).join("; ")}`,
    { hint: "Start PostgreSQL, or correct the connection string.", cause, retryAfterMs: 1000 },
  );
}

/** invalid_authorization_specification, invalid_password, invalid_catalog_name. */
const LOGIN_STATES = new Set(["28000", "28P01", "3D000"]);

/** The five characters with which PostgreSQL classifies an error; `undefined` for all other errors. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/**
 * Whether the connection, and not the statement, is at fault: another attempt on a new connection may
 * succeed, and whether the statement had its effect is not known.
 */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "DATABASE_UNAVAILABLE";
  const state = sqlState(error);
  // Class 08: connection exception. 25006: the server has become a standby. 57P01 to 57P05: it shuts down,
  // crashed, starts, the database is dropped, or the session was idle for too long. 53300: too many connections.
  if (state !== undefined) return /^(08...|25006|57P0[1-5]|53300)$/.test(state);
  if (!(error instanceof Error)) return false;
  // Everything that is not an answer of the server: sockets, timeouts, and pg's own plain errors for a
  // connection that has ended. A mistake in our own code is a TypeError or RangeError.
  return !(
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof SyntaxError
  );
}

function describe(failure: unknown): string {
  if (failure instanceof AggregateError) return failure.errors.map(describe).join("; ");
  return failure instanceof Error ? failure.message || failure.name : String(failure);
}

function ignore(): void {
  // Whoever uses the connection learns of the failure by the statement that fails.
}
