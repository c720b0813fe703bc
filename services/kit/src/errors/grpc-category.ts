// SPDX-License-Identifier: Apache-2.0
import type { ErrorCategory } from "./app-error.js";

/** The published gRPC status codes. Numbers, so that errors do not load gRPC where nothing is called. */
const STATUS_OF: Readonly<Record<ErrorCategory, number>> = {
  cancelled: 1,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  already_exists: 6,
  permission_denied: 7,
  resource_exhausted: 8,
  failed_precondition: 9,
  aborted: 10,
  out_of_range: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  data_loss: 15,
  unauthenticated: 16,
};

const CATEGORY_OF = new Map<number, ErrorCategory>(
  Object.entries(STATUS_OF).map(([category, code]) => [code, category as ErrorCategory]),
);

/** The gRPC status code of a category. */
export function statusOfCategory(category: ErrorCategory): number {
  return STATUS_OF[category];
}

/** The category of a gRPC status code; UNKNOWN and codes that do not exist are `internal`. */
export function categoryOfStatus(code: number): ErrorCategory {
  return CATEGORY_OF.get(code) ?? "internal";
}
