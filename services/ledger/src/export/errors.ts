// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

export const exportErrors = defineErrors({
  /** A ledger is written only where no file of another can be mixed in. */
  EXPORT_DIRECTORY_NOT_EMPTY: "failed_precondition",
  /** The chunks to export do not follow each other. */
  EXPORT_NOT_CONTIGUOUS: "data_loss",
  /** There is no signed transaction to export. */
  EXPORT_EMPTY: "failed_precondition",
});
