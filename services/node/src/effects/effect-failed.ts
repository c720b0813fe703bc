// SPDX-License-Identifier: Apache-2.0
import { nodeErrors } from "../errors.js";

/** The transaction asked for something that cannot be done; nothing of it was written. */
export function effectFailed(message: string, cause?: unknown): Error {
  return nodeErrors("EFFECT_FAILED", message, cause === undefined ? {} : { cause });
}
