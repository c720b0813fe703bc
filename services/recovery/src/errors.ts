// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit";

/** What the recovery service refuses. The reasons are stable. */
export const recoveryErrors = defineErrors({
  INVALID_ARGUMENT: "invalid_argument",
  SERVICE_NOT_WAITING_FOR_RECOVERY_SHARES: "failed_precondition",
  SHARES_NOT_ISSUED: "failed_precondition",
  SHARE_NOT_FOUND: "not_found",
});
