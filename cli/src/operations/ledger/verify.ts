// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { cliErrors } from "../../errors.js";
import { readCertificate } from "../../input/certificate.js";

export interface LedgerVerification {
  verified: true;
  directory: string;
  files: number;
  bytes: string;
  /** After the snapshot, if there is one. */
  transactions: string;
  signatures: string;
  /** Null if the ledger was read from its first transaction on. */
  snapshot: { file: string; seqno: string; evidence: string; hasEvidence: boolean } | null;
  /** Null if nothing is signed. */
  lastSigned: string | null;
  /** After the last signature, in a file that was not committed: nothing proves them. */
  unsignedTransactions: string;
  hasChecksums: boolean;
  /** Every identity the service had, oldest first. */
  services: { certificateSha256: string; keyId: string; status: string; createdAt: string }[];
  /** Whether the ledger was compared with a certificate that came from elsewhere. */
  serviceCertificateChecked: boolean;
}

export interface LedgerVerifyRequest {
  directory: string;
  serviceCertificateFile?: string | undefined;
  /** A snapshot with which to begin. */
  snapshotFile?: string | undefined;
  onProgress?: (progress: { file: string; transactions: number; bytes: number }) => void;
}

/** Verifies a ledger directory without a database; the first fault is thrown with its place. */
export async function verifyLedger(request: LedgerVerifyRequest): Promise<LedgerVerification> {
  const { verifyLedgerDirectory } = await import("@consortium/ledger/offline");
  const { directory, serviceCertificateFile, snapshotFile, onProgress } = request;
  const certificate =
    serviceCertificateFile === undefined
      ? undefined
      : await readCertificate(serviceCertificateFile);
  const report = await verifyLedgerDirectory(directory, {
    ...(certificate === undefined ? {} : { serviceCertPem: certificate.pem }),
    ...(snapshotFile === undefined ? {} : { snapshot: snapshotFile }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  if (report.fault !== undefined) throw faultFound(directory, report.fault, report.lastSigned);
  return {
    verified: true,
    directory,
    files: report.files,
    bytes: String(report.bytes),
    transactions: String(report.transactions),
    signatures: String(report.signatures),
    snapshot:
      report.snapshot === undefined
        ? null
        : { ...report.snapshot, seqno: String(report.snapshot.seqno) },
    lastSigned: report.lastSigned ?? null,
    unsignedTransactions: String(report.unsignedTransactions),
    hasChecksums: report.hasChecksums,
    services: report.services.map(({ certPem, keyId, status, createdAt }) => ({
      certificateSha256: new X509Certificate(certPem).fingerprint256
        .replaceAll(":", "")
        .toLowerCase(),
      keyId,
      status,
      createdAt,
    })),
    serviceCertificateChecked: certificate !== undefined,
  };
}

interface Fault {
  code: string;
  message: string;
  file?: string;
  offset?: number;
  transactionId?: string;
}

function faultFound(directory: string, fault: Fault, lastSigned: string | undefined): Error {
  const place = [
    fault.file === undefined ? undefined : `file ${fault.file}`,
    fault.offset === undefined ? undefined : `offset ${fault.offset}`,
    fault.transactionId === undefined ? undefined : `transaction ${fault.transactionId}`,
  ].filter((part) => part !== undefined);
  const where = place.length === 0 ? "" : ` (${place.join(", ")})`;
  return cliErrors("VERIFICATION_FAILED", `the ledger does not verify: ${fault.message}${where}`, {
    details: {
      reason: fault.code,
      directory,
      ...(fault.file === undefined ? {} : { file: fault.file }),
      ...(fault.offset === undefined ? {} : { offset: String(fault.offset) }),
      ...(fault.transactionId === undefined ? {} : { transaction_id: fault.transactionId }),
      ...(lastSigned === undefined ? {} : { last_verified: lastSigned }),
    },
    hint: hintOf(fault.code, lastSigned),
  });
}

function hintOf(code: string, lastSigned: string | undefined): string {
  if (code === "SERVICE_IDENTITY_MISMATCH") {
    return "Give the certificate of the service that wrote this ledger; after a recovery, its newest.";
  }
  return lastSigned === undefined
    ? "Nothing of it is proven; get the files from another source."
    : `It is proven up to transaction ${lastSigned}; get the files after that from another source.`;
}
