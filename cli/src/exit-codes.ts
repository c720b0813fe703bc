// SPDX-License-Identifier: Apache-2.0
import type { ErrorCategory } from "@consortium/kit/errors";

/** What a script sees of a failure. A number never changes its meaning; README.md has the table. */
export const EXIT_CODES: Readonly<Record<ErrorCategory, number>> = {
  internal: 1,
  invalid_argument: 2,
  out_of_range: 2,
  not_found: 3,
  already_exists: 4,
  unauthenticated: 5,
  permission_denied: 5,
  failed_precondition: 6,
  aborted: 7,
  unavailable: 8,
  deadline_exceeded: 9,
  data_loss: 10,
  resource_exhausted: 11,
  unimplemented: 12,
  cancelled: 130,
};

export function exitCodeOf(category: ErrorCategory): number {
  return EXIT_CODES[category];
}
