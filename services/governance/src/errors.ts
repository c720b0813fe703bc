// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit";

/** The codes of CCF in upper snake case where it has them. */
export const governanceErrors = defineErrors({
  // Signed requests.
  INVALID_AUTHENTICATION: "unauthenticated",
  INVALID_COSE: "invalid_argument",
  INVALID_INPUT: "invalid_argument",
  INVALID_RESOURCE_NAME: "invalid_argument",
  INVALID_PAGE: "invalid_argument",
  // Proposals.
  PROPOSAL_FAILED_TO_VALIDATE: "invalid_argument",
  INVALID_CREATED_AT: "invalid_argument",
  PROPOSAL_REPLAY: "already_exists",
  PROPOSAL_CREATED_TOO_LONG_AGO: "failed_precondition",
  PROPOSAL_FAILED: "failed_precondition",
  PROPOSAL_NOT_FOUND: "not_found",
  PROPOSAL_NOT_OPEN: "failed_precondition",
  AUTHORIZATION_FAILED: "permission_denied",
  // Ballots.
  INVALID_BALLOT: "invalid_argument",
  VOTE_ALREADY_EXISTS: "already_exists",
  VOTE_NOT_FOUND: "not_found",
  // Members and the state digest.
  MEMBER_NOT_FOUND: "not_found",
  NO_SIGNATURE_YET: "failed_precondition",
  STATE_DIGEST_MISMATCH: "invalid_argument",
  // Reads.
  USER_NOT_FOUND: "not_found",
  MODULE_NOT_FOUND: "not_found",
  HISTORY_NOT_READY: "unavailable",
  HISTORY_UNREADABLE: "data_loss",
  HISTORY_NOT_OFFERED: "unimplemented",
  // The service.
  SERVICE_NOT_INITIALISED: "unavailable",
  TRANSACTION_NOT_FOUND: "not_found",
  TRANSACTION_CONFLICT: "aborted",
  TOO_MANY_CONFLICTS: "aborted",
  SANDBOX_FAILED: "unavailable",
  TOO_MANY_PREVIEWS: "resource_exhausted",
});
