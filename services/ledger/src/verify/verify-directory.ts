// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type AppError, isAppError } from "@consortium/kit/errors";
import { parseSnapshotFileName } from "../snapshot/file-name.js";
import { readSnapshot } from "../snapshot/read-snapshot.js";
import { CHECKSUMS_FILE, requireChecksum, readChecksums } from "./checksums.js";
import { verifyErrors } from "./errors.js";
import { faultInFile, type FilePlace, toFault, withPlace, type LedgerFault } from "./faults.js";
import {
  listLedgerFiles,
  parseLedgerFileName,
  type LedgerFile,
  type ListOptions,
} from "./ledger-files.js";
import { LedgerVerifier } from "./ledger-verifier.js";
import { UnsignedPlaces } from "./unsigned-places.js";
import { type OnVerified, verifyFile } from "./verify-file.js";

export interface VerifyDirectoryOptions extends ListOptions {
  /** The ledger must belong to this service: its last identity has the key of this certificate. */
  readonly serviceCertPem?: string;
  /** A snapshot file with which to begin: the ledger need not be there from its first transaction on. */
  readonly snapshot?: string;
  /** Called after each megabyte or so. */
  readonly onProgress?: (progress: VerificationProgress) => void;
  /**
   * Sees the entries in their order as they are verified, before a fault that comes after them. What
   * it rejects with ends the verification and is thrown.
   */
  readonly onVerified?: OnVerified;
  readonly signal?: AbortSignal;
}

export interface VerificationProgress {
  readonly file: string;
  readonly transactions: number;
  readonly bytes: number;
}

export interface ReportedService {
  readonly certPem: string;
  /** Hex SHA-256 of the public key. */
  readonly keyId: string;
  readonly status: string;
  readonly createdAt: string;
  /** Whether it signed for the identity before it; the first one signs for itself. */
  readonly hasEndorsedPrevious: boolean;
}

export interface ReportedSnapshot {
  readonly file: string;
  readonly seqno: number;
  /** The transaction that gives evidence of it. */
  readonly evidence: string;
  /** Whether that was found on the ledger, signed. If not, its receipt is all there is. */
  readonly hasEvidence: boolean;
}

/** What was found. Counts are of everything before the fault, or of everything. */
export interface LedgerReport {
  readonly ok: boolean;
  readonly fault?: LedgerFault;
  readonly files: number;
  readonly bytes: number;
  /** Those that were read: after the snapshot, if there is one. */
  readonly transactions: number;
  readonly signatures: number;
  readonly snapshot?: ReportedSnapshot;
  /** The last signature transaction: what is certain ends here. */
  readonly lastSigned?: string;
  /** Transactions after it, in a file that was not committed. */
  readonly unsignedTransactions: number;
  /** Bytes of an entry that was being written to a file that was not committed. */
  readonly incompleteBytes: number;
  /** Whether the directory has a list of checksums, which then was checked. */
  readonly hasChecksums: boolean;
  /** Every identity the service had, oldest first. */
  readonly services: readonly ReportedService[];
}

/**
 * Verifies a ledger directory as CCF writes it, without keys and without a database: files and their
 * positions tables, every entry, every root and signature, the service's identities. Memory does not
 * grow with the ledger. What is wrong with the ledger is in the report; only what keeps it from being
 * read at all is thrown.
 *
 * @example
 * const report = await verifyLedgerDirectory("ledger", { serviceCertPem });
 * if (!report.ok) console.error(report.fault);
 */
export async function verifyLedgerDirectory(
  directory: string,
  options: VerifyDirectoryOptions = {},
): Promise<LedgerReport> {
  const run = new DirectoryRun(options);
  try {
    await run.verify(directory);
    return run.report();
  } catch (error) {
    if (!isAppError(error)) throw error;
    return run.report(error);
  } finally {
    run.dispose();
  }
}

class DirectoryRun {
  readonly #options: VerifyDirectoryOptions;
  #verifier: LedgerVerifier;
  #snapshot: Omit<ReportedSnapshot, "hasEvidence"> | undefined;
  readonly #places = new UnsignedPlaces();
  #files = 0;
  #bytes = 0;
  #incompleteBytes = 0;
  #hasChecksums = false;

  constructor(options: VerifyDirectoryOptions) {
    this.#options = options;
    this.#verifier = new LedgerVerifier(this.#expectation);
  }

  get #expectation(): { serviceCertPem?: string } {
    const { serviceCertPem } = this.#options;
    return serviceCertPem === undefined ? {} : { serviceCertPem };
  }

  async verify(directory: string): Promise<void> {
    if (this.#options.snapshot !== undefined) await this.#startFrom(this.#options.snapshot);
    const checksums = await readChecksums(directory);
    this.#hasChecksums = checksums !== undefined;
    const { startSeqno: after } = this.#verifier;
    const files = await listLedgerFiles(directory, {
      ...this.#options,
      ...(after > 0 && { after }),
    });
    for (const file of files) await this.#verifyFile(file);
    // A signature finds a change before it, and says where: it goes first.
    for (const file of files) {
      if (checksums === undefined || !file.isCommitted) continue;
      await requireChecksum(file, checksums, this.#lastSignatureIn(file));
    }
    for (const name of checksums?.keys() ?? []) {
      if (files.some((file) => file.name === name) || isBefore(name, after)) continue;
      const message = `${name} is on the list of checksums, but not in the directory`;
      throw faultInFile("LEDGER_CHECKSUM_MISMATCH", message, { file: CHECKSUMS_FILE });
    }
    this.#requireExpectedService();
  }

  report(error?: AppError): LedgerReport {
    const { lastSeqno, lastSignature, signatureCount, services, startSeqno } = this.#verifier;
    return {
      ok: error === undefined,
      ...(error && { fault: toFault(error) }),
      files: this.#files,
      bytes: this.#bytes,
      transactions: lastSeqno - startSeqno,
      signatures: signatureCount,
      ...(this.#snapshot && {
        snapshot: { ...this.#snapshot, hasEvidence: !this.#verifier.awaitsEvidence },
      }),
      ...(lastSignature && { lastSigned: lastSignature.transactionId }),
      unsignedTransactions: lastSeqno - (lastSignature?.seqno ?? 0),
      incompleteBytes: this.#incompleteBytes,
      hasChecksums: this.#hasChecksums,
      services: services.map(({ certPem, key, status, createdAt, hasEndorsedPrevious }) => ({
        certPem,
        keyId: key.id,
        status,
        createdAt,
        hasEndorsedPrevious,
      })),
    };
  }

  dispose(): void {
    this.#verifier.dispose();
  }

  /**
   * The receipt is compared with the service that the snapshot itself names: whether that leads to the
   * expected one is told by the ledger, which may hold a recovery.
   */
  async #startFrom(path: string): Promise<void> {
    const file = basename(path);
    const expected = parseSnapshotFileName(file);
    const { signal } = this.#options;
    try {
      const snapshot = await readSnapshot(await readFile(path), {
        serviceCertPem: undefined,
        ...(expected && { expected }),
        ...(signal && { signal }),
      });
      const verifier = LedgerVerifier.fromSnapshot(snapshot, this.#expectation);
      this.#verifier.dispose();
      this.#verifier = verifier;
      const { seqno, receipt } = snapshot;
      this.#snapshot = { file, seqno, evidence: receipt.transactionId };
    } catch (error) {
      throw isAppError(error) ? withPlace(error, { file }) : error;
    }
  }

  async #verifyFile(file: LedgerFile): Promise<void> {
    const { signal, onProgress, onVerified } = this.#options;
    const bytesBefore = this.#bytes;
    const { bytes, incompleteBytes } = await verifyFile(file, {
      verifier: this.#verifier,
      places: this.#places,
      signal,
      onVerified,
      onSlice: (fileBytes) =>
        onProgress?.({
          file: file.name,
          transactions: this.#verifier.lastSeqno - this.#verifier.startSeqno,
          bytes: bytesBefore + fileBytes,
        }),
    });
    this.#files += 1;
    this.#bytes += bytes;
    this.#incompleteBytes = incompleteBytes;
  }

  /** The last signature of the ledger, which no other one covers, if it is in this file. */
  #lastSignatureIn(file: LedgerFile): Partial<FilePlace> {
    const { lastSignature } = this.#verifier;
    if (lastSignature === undefined) return {};
    const place = this.#places.find(lastSignature.seqno);
    if (place === undefined || place.file !== file.name) return {};
    return { offset: place.offset, transactionId: lastSignature.transactionId };
  }

  #requireExpectedService(): void {
    if (this.#verifier.hasExpectedService) return;
    const found = this.#verifier.service.key.id;
    throw verifyErrors(
      "SERVICE_IDENTITY_MISMATCH",
      `the ledger ends under service key ${found}, which is not that of the certificate`,
      { hint: "after a recovery a service has a new certificate: use the newest" },
    );
  }
}

/** Whether it is a file of the ledger that a snapshot made needless. */
function isBefore(name: string, after: number): boolean {
  const lastSeqno = parseLedgerFileName(name)?.lastSeqno;
  return lastSeqno !== undefined && lastSeqno <= after;
}
