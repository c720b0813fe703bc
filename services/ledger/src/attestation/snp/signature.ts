// SPDX-License-Identifier: Apache-2.0
import { verify } from "node:crypto";
import type { Certificate } from "../x509/index.js";
import { isEmptyBehindSignature, SIGNED_BYTES, type SnpReport } from "./report.js";

/** A number below 2^384. */
const SCALAR_BYTES = 48;

/** ECDSA P-384 with SHA-384. */
export const ECDSA_P384_SHA384 = 1;

/** Why the report does not carry a signature by this key; `undefined` if it does. */
export function signatureFault(report: SnpReport, vcek: Certificate): string | undefined {
  if (!isEmptyBehindSignature(report)) return "there are bytes behind the signature";
  const [r, s] = [report.signatureR, report.signatureS];
  if (![r, s].every((field) => field.subarray(SCALAR_BYTES).every((byte) => byte === 0))) {
    return "the signature's numbers are longer than 48 bytes";
  }
  const signature = Buffer.concat([bigEndian(r), bigEndian(s)]);
  const signed = report.bytes.subarray(0, SIGNED_BYTES);
  const key = { key: vcek.x509.publicKey, dsaEncoding: "ieee-p1363" as const };
  return verify("sha384", signed, key, signature) ? undefined : "it is not by the VCEK's key";
}

function bigEndian(field: Uint8Array): Uint8Array {
  return Uint8Array.from(field.subarray(0, SCALAR_BYTES)).reverse();
}
