// SPDX-License-Identifier: Apache-2.0
import { GuestError } from "../host/guest-error.js";

/** An effect that cannot be done: `apply` sees it as CCF would throw it. */
export function effectError(message: string): GuestError {
  return new GuestError("InternalError", message);
}
