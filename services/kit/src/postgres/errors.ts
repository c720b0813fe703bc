// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "../errors/index.js";

/** What can go wrong between a process and PostgreSQL. */
export const postgresErrors = defineErrors({
  /** No configured host answers as a writable server, or the connection broke. */
  DATABASE_UNAVAILABLE: "unavailable",
  /** The server answers, but does not let this login in. */
  DATABASE_LOGIN_REFUSED: "permission_denied",
  /** The connection string cannot be understood. */
  DATABASE_URL_INVALID: "invalid_argument",
  /** The server is older than the oldest version we work with. */
  DATABASE_TOO_OLD: "failed_precondition",
  /** A transaction ended in ROLLBACK although COMMIT was asked for. */
  DATABASE_TRANSACTION_ROLLED_BACK: "aborted",
  /** COMMIT was sent and no answer came: it may or may not have happened. */
  DATABASE_COMMIT_UNKNOWN: "unavailable",
  /** There is no PostgreSQL program for this operating system and processor. */
  EMBEDDED_POSTGRES_UNSUPPORTED: "failed_precondition",
  /** The embedded server did not come up; the message ends with its last words. */
  EMBEDDED_POSTGRES_FAILED: "failed_precondition",
  /** Something else listens on the port that was asked for. */
  EMBEDDED_POSTGRES_PORT_IN_USE: "failed_precondition",
  /** The data folder belongs to another major version of PostgreSQL. */
  EMBEDDED_POSTGRES_VERSION_MISMATCH: "failed_precondition",
  /** The unprivileged account that runs PostgreSQL cannot reach the data folder. */
  EMBEDDED_POSTGRES_FOLDER_UNREACHABLE: "failed_precondition",
});
