// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { ErrorCategory } from "./app-error.js";

const STATUS_OF: Readonly<Record<ErrorCategory, status>> = {
  invalid_argument: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  already_exists: status.ALREADY_EXISTS,
  failed_precondition: status.FAILED_PRECONDITION,
  aborted: status.ABORTED,
  out_of_range: status.OUT_OF_RANGE,
  unavailable: status.UNAVAILABLE,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
  data_loss: status.DATA_LOSS,
  unimplemented: status.UNIMPLEMENTED,
  cancelled: status.CANCELLED,
};

const CATEGORY_OF = new Map<number, ErrorCategory>(
  Object.entries(STATUS_OF).map(([category, code]) => [code, category as ErrorCategory]),
);

/** The gRPC status code of a category. */
export function statusOfCategory(category: ErrorCategory): status {
  return STATUS_OF[category];
}

/** The category of a gRPC status code; UNKNOWN and codes that do not exist are `internal`. */
export function categoryOfStatus(code: number): ErrorCategory {
  return CATEGORY_OF.get(code) ?? "internal";
}
