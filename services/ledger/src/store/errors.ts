// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

/** What can go wrong between a process and the ledger store. */
export const storeErrors = defineErrors({
  /** The database has no ledger schema, or one that is not complete. */
  SCHEMA_MISSING: "failed_precondition",
  /** The schema has been migrated by a later version of this software. */
  SCHEMA_TOO_NEW: "failed_precondition",
  /** The schema has to be migrated before this version can use it. */
  SCHEMA_TOO_OLD: "failed_precondition",
  /** A migration that is in the database is not the one that this version knows. */
  SCHEMA_CHANGED: "failed_precondition",
  /** The database login does not see the group. */
  GROUP_NOT_VISIBLE: "permission_denied",
  /** The database login may not do this. */
  STORE_ACCESS_DENIED: "permission_denied",
  /** The store's rows do not fit together: somebody has changed them outside of this software. */
  STORE_INCONSISTENT: "data_loss",
  /** The answer of the database is not in the format that was asked for. */
  STORE_ANSWER_MALFORMED: "data_loss",
  /** A chunk is empty, too large, or its seqnos are not in order. */
  CHUNK_INVALID: "invalid_argument",
  /** A snapshot is empty, too large in a part, or its seqnos are not in order. */
  SNAPSHOT_INVALID: "invalid_argument",
  /** A snapshot is larger than its reader allows. */
  SNAPSHOT_TOO_LARGE: "resource_exhausted",
  /** A snapshot was deleted while it was read. */
  SNAPSHOT_GONE: "aborted",
  /** More appends wait for the database than is sensible. */
  TOO_MANY_APPENDS: "resource_exhausted",
  /** The store was closed while something was under way; the ledger tells whether it happened. */
  STORE_CLOSED: "unavailable",
});
