// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT_CODES } from "./exit-codes.js";

test("Exit codes are what scripts know", () => {
  assert.deepEqual(EXIT_CODES, {
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
  });
});
