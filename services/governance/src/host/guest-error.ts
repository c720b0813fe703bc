// SPDX-License-Identifier: Apache-2.0
import type { GuestErrorType } from "../sandbox/protocol.js";

/** Thrown by a host function: becomes an error of that type in the sandbox. */
export class GuestError extends Error {
  override readonly name = "GuestError";
  readonly type: GuestErrorType;

  constructor(type: GuestErrorType, message: string) {
    super(message);
    this.type = type;
  }
}

export function guestTypeError(message: string): GuestError {
  return new GuestError("TypeError", message);
}
