// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

/** What can go wrong before a service is asked. Errors of the services keep their own codes. */
export const cliErrors = defineErrors({
  CONFIRMATION_REFUSED: "cancelled",
  CONSTITUTION_LOCKS_OUT: "failed_precondition",
  CONTEXT_FILE_INVALID: "invalid_argument",
  CONTEXT_INCOMPLETE: "failed_precondition",
  CONTEXT_NOT_FOUND: "not_found",
  DATABASE_NOT_CONFIGURED: "failed_precondition",
  FILE_EXISTS: "already_exists",
  FILE_NOT_READABLE: "not_found",
  IDENTITY_NOT_FOUND: "not_found",
  INTERNAL: "internal",
  INVALID_INPUT: "invalid_argument",
  INVALID_USAGE: "invalid_argument",
  KEY_AND_CERTIFICATE_DIFFER: "invalid_argument",
  KEY_NOT_SUPPORTED: "invalid_argument",
  MEMBER_NOT_FOUND: "not_found",
  NODE_NOT_FOUND: "not_found",
  NOT_BUILT: "failed_precondition",
  PROCESS_FAILED: "unavailable",
  PROPOSAL_FAILED_TO_VALIDATE: "invalid_argument",
  PROPOSAL_NOT_ACCEPTED: "failed_precondition",
  PROPOSAL_NOT_FOUND: "not_found",
  SANDBOX_NOT_FOUND: "not_found",
  SANDBOX_NOT_RUNNING: "failed_precondition",
  SECRET_ON_COMMAND_LINE: "invalid_argument",
  USER_NOT_FOUND: "not_found",
  TRANSACTION_INVALID: "aborted",
  VERIFICATION_FAILED: "data_loss",
  WAIT_TIMED_OUT: "deadline_exceeded",
});
