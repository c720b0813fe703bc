// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";

const DAY_MS = 24 * 60 * 60 * 1000;

/** `until 2030-01-01 00:00:00 UTC, 89 days left`. */
export function describeCertificate(pem: string, now = Date.now()): string {
  let validTo: Date;
  try {
    validTo = new X509Certificate(pem).validToDate;
  } catch {
    return "certificate not readable";
  }
  const until = `until ${validTo.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const leftMs = validTo.getTime() - now;
  if (leftMs < 0) return `${until}, expired`;
  const days = Math.floor(leftMs / DAY_MS);
  return days === 0
    ? `${until}, less than a day left`
    : `${until}, ${days} day${days === 1 ? "" : "s"} left`;
}
