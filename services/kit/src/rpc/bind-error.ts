// SPDX-License-Identifier: Apache-2.0
import { kitErrors } from "../errors/kit-errors.js";

/** Why an address could not be bound, and what to do. */
export function bindError(address: string, cause: unknown): Error {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
  const details = { address, reason };
  if (reason === "EADDRINUSE") {
    return kitErrors("ADDRESS_IN_USE", `the address ${address} is already in use`, {
      details,
      hint: "Stop the process that listens there, or configure another port (0 takes a free one).",
      cause,
    });
  }
  return kitErrors("ADDRESS_NOT_AVAILABLE", `cannot listen on ${address} (${reason})`, {
    details,
    hint: "Use an address of this machine, and a port above 1023 unless the process may use lower ones.",
    cause,
  });
}
