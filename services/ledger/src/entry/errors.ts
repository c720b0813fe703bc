// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

/** What can be wrong with the bytes of an entry or with what is to become one. */
export const entryErrors = defineErrors({
  /** The bytes are not an entry of the ledger format. */
  ENTRY_MALFORMED: "data_loss",
  /** The entry is cut off: more bytes are needed. */
  ENTRY_TRUNCATED: "data_loss",
  /** The map records inside an entry do not follow the format. */
  MAPS_MALFORMED: "data_loss",
  /** A transaction that the format cannot hold. */
  TRANSACTION_TOO_LARGE: "invalid_argument",
});
