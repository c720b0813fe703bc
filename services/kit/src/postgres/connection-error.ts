// SPDX-License-Identifier: Apache-2.0
import pg from "pg";
import { AppError } from "../errors/index.js";
import { postgresErrors } from "./errors.js";
import { describeHosts } from "./hosts.js";

/** Why none of the hosts took the connection, given what each of them said. */
export function connectionRefusal(urls: readonly string[], failures: readonly unknown[]): Error {
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
