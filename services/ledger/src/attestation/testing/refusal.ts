// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { isAppError } from "@consortium/kit/errors";

/** What a refused join says: the text, and the facts beside it. */
export interface Refusal {
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

/** Runs what must be refused with `INVALID_QUOTE`. */
export function refusalOf(action: () => unknown): Refusal {
  try {
    action();
  } catch (error) {
    assert.ok(isAppError(error, "INVALID_QUOTE"), String(error));
    assert.equal(error.category, "permission_denied");
    assert.ok(error.hint);
    return { message: error.message, details: error.details };
  }
  return assert.fail("the evidence was accepted");
}
