// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, X509Certificate } from "node:crypto";

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

/** A certificate or a public key in a few words: enough to compare it with one that is known. */
export function describePem(pem: string): string {
  const blocks = pem.match(/-----BEGIN [A-Z ]+-----/g) ?? [];
  const more = blocks.length > 1 ? `, and ${blocks.length - 1} more` : "";
  try {
    if (blocks[0] === "-----BEGIN CERTIFICATE-----") return `${certificateWords(pem)}${more}`;
    const key = createPublicKey(pem);
    const id = createHash("sha256")
      .update(key.export({ type: "spki", format: "der" }))
      .digest("hex");
    return `${key.asymmetricKeyType ?? "public"} public key, SHA-256 ${id}`;
  } catch {
    return pem;
  }
}

function certificateWords(pem: string): string {
  const certificate = new X509Certificate(pem);
  const id = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  const until = certificate.validToDate.toISOString().slice(0, 10);
  return `certificate of ${certificate.subject.replaceAll("\n", ", ")} until ${until}, SHA-256 ${id}`;
}
