// SPDX-License-Identifier: Apache-2.0
import { AppError, isConnectionError, postgresErrors, sqlState } from "@consortium/kit";
import { storeErrors } from "./errors.js";

/** Gives a failed statement of the store its code. A mistake in our own code stays what it is. */
export function toStoreError(error: unknown): Error {
  if (error instanceof AppError) return error;
  const state = sqlState(error) ?? "";
  const text = error instanceof Error ? error.message : String(error);
  if (state === "42501") {
    return storeErrors("STORE_ACCESS_DENIED", `the database login may not do this: ${text}`, {
      hint: "Use the login that was made for this service, see the store's README.",
      cause: error,
    });
  }
  // undefined_table, invalid_schema_name, undefined_column.
  if (["42P01", "3F000", "42703"].includes(state)) {
    return storeErrors("SCHEMA_MISSING", "the database has no complete ledger schema", {
      hint: "Run `ccfctl store migrate`, or check the database name in the connection string.",
      cause: error,
    });
  }
  // Our own guards, and unique_violation, check_violation.
  if (/^(LG...|23505|23514)$/.test(state)) {
    return storeErrors("STORE_INCONSISTENT", `the ledger store refuses the change: ${text}`, {
      hint: "Verify the ledger before this node leads again.",
      cause: error,
    });
  }
  if (isConnectionError(error)) {
    return postgresErrors("DATABASE_UNAVAILABLE", `the database connection failed: ${text}`, {
      hint: "Start PostgreSQL, or correct the connection string.",
      retryAfterMs: 1000,
      cause: error,
    });
  }
  if (state === "" && error instanceof Error) return error;
  return postgresErrors("DATABASE_UNAVAILABLE", `the database could not do it: ${text}`, {
    hint: "Look at the log of PostgreSQL.",
    retryAfterMs: 1000,
    cause: error,
  });
}
