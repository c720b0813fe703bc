// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

export const snapshotErrors = defineErrors({
  /** The bytes are not a snapshot, or not all of one. */
  SNAPSHOT_MALFORMED: "data_loss",
  /** The receipt at its end is for other bytes: the snapshot was changed, or cut together. */
  SNAPSHOT_DIGEST_MISMATCH: "data_loss",
  /** The receipt at its end was not signed by the service. */
  SNAPSHOT_RECEIPT_INVALID: "data_loss",
  /** There is no receipt at its end, so nothing proves it. */
  SNAPSHOT_RECEIPT_MISSING: "failed_precondition",
  /** The snapshot belongs to another service than the one expected. */
  SNAPSHOT_SERVICE_MISMATCH: "data_loss",
  /** It is for another seqno than its name or the store says. */
  SNAPSHOT_POSITION_MISMATCH: "data_loss",
  /** The ledger ends before it gives evidence of the snapshot. */
  SNAPSHOT_NOT_PROVEN: "data_loss",
  /** The ledger secret that was in force at the snapshot is not at hand. */
  SNAPSHOT_SECRET_MISSING: "failed_precondition",
  /** The private maps do not open with the ledger secret. */
  SNAPSHOT_NOT_AUTHENTIC: "data_loss",
  /** A snapshot can be taken only right where a signature was committed. */
  SNAPSHOT_NOT_AT_SIGNATURE: "failed_precondition",
});
