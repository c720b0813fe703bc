// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

export const tableErrors = defineErrors({
  /** A row on the ledger is not what its table holds. */
  ROW_MALFORMED: "data_loss",
  /** An application touched a map that is not its own. */
  MAP_RESERVED: "permission_denied",
  MAP_NAME_INVALID: "invalid_argument",
});
