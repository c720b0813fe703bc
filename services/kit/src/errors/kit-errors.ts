// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "./define-errors.js";

/** The errors that any of our processes can meet, whatever it serves. */
export const kitErrors = defineErrors({
  ADDRESS_IN_USE: "failed_precondition",
  ADDRESS_NOT_AVAILABLE: "failed_precondition",
  ADDRESS_INVALID: "invalid_argument",
  CERTIFICATE_INVALID: "invalid_argument",
  CONFIG_INVALID: "invalid_argument",
  CONFIG_NOT_READABLE: "not_found",
  FILE_EXISTS: "already_exists",
  KEY_INVALID: "invalid_argument",
  MALFORMED_REQUEST: "invalid_argument",
  PROCESS_ALREADY_RUNNING: "failed_precondition",
  SIGNING_REQUEST_INVALID: "invalid_argument",
  SUBJECT_NAME_INVALID: "invalid_argument",
  TIME_INVALID: "invalid_argument",
  INTERNAL: "internal",
});
