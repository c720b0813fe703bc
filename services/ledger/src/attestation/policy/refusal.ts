// SPDX-License-Identifier: Apache-2.0
import { attestationErrors } from "../errors.js";

/** The texts of a refused join, which clients of CCF know. */
export const REFUSALS = {
  hostDataMissing: "Quote does not contain trusted host data",
  hostData: "Quote host data is not authorised",
  uvmEndorsements: "UVM endorsements are not authorised",
  measurement: "Quote does not contain known enclave measurement",
  cpuid: "Quote CPUID is unknown",
  tcb: "Quote TCB version is too low",
  publicKey: "Quote report data does not match the hash of the public key for this node",
} as const;

export function refused(
  message: (typeof REFUSALS)[keyof typeof REFUSALS],
  details: Readonly<Record<string, string>>,
  hint: string,
): Error {
  return attestationErrors("INVALID_QUOTE", message, { details, hint });
}
