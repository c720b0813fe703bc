// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

/** What can go wrong between a process and the network it belongs to. */
export const peerErrors = defineErrors({
  IDENTITY_UNREADABLE: "failed_precondition",
  SERVICE_CERTIFICATE_UNREADABLE: "failed_precondition",
  JOIN_REFUSED: "permission_denied",
  OTHER_SERVICE: "data_loss",
  LEDGER_ROLLED_BACK: "data_loss",
  LEDGER_EMPTY: "failed_precondition",
  NODE_RETIRED: "failed_precondition",
  NODE_NOT_READY: "unavailable",
  NOT_PRIMARY: "unavailable",
});
