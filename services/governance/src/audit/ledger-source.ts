// SPDX-License-Identifier: Apache-2.0
import { AppError, isAppError } from "@consortium/kit";
import {
  type DecodedEntry,
  LedgerVerifier,
  openGroupReader,
  type VerifiedEntries,
  verifyLedgerDirectory,
} from "@consortium/ledger";

/** Some transactions in their order, with the bytes that they were read from. */
export interface LedgerBatch {
  readonly entries: readonly DecodedEntry[];
  readonly bytes: Uint8Array;
  /** 32 bytes for each entry. */
  readonly leaves: Uint8Array;
}

export type OnBatch = (batch: LedgerBatch) => Promise<void>;

/** What is wrong with the ledger itself. */
export interface SourceFault {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly transactionId?: string;
}

/** What the ledger is, once it was read. */
export interface SourceSummary {
  readonly fault?: SourceFault;
  readonly transactions: number;
  readonly signatures: number;
  readonly lastSigned?: string;
  readonly unsignedTransactions: number;
}

/** A ledger that can be read from its start, any number of times, and is verified as it is read. */
export interface LedgerSource {
  /** What `onBatch` rejects with ends the reading. */
  read(onBatch: OnBatch): Promise<SourceSummary>;
}

export function directorySource(directory: string, serviceCertPem?: string): LedgerSource {
  return {
    async read(onBatch) {
      const report = await verifyLedgerDirectory(directory, {
        ...(serviceCertPem === undefined ? {} : { serviceCertPem }),
        onVerified: (verified, bytes) => passOn(verified, bytes, onBatch),
      });
      const { fault, transactions, signatures, lastSigned, unsignedTransactions } = report;
      return {
        ...(fault === undefined ? {} : { fault }),
        ...(lastSigned === undefined ? {} : { lastSigned }),
        transactions,
        signatures,
        unsignedTransactions,
      };
    },
  };
}

/** The main ledger in the store of a service. */
export function databaseSource(url: string, serviceCertPem?: string): LedgerSource {
  return {
    async read(onBatch) {
      await using reader = await openGroupReader({ url, group: 0 });
      using verifier = new LedgerVerifier(serviceCertPem === undefined ? {} : { serviceCertPem });
      let fault: SourceFault | undefined;
      for await (const { entries: bytes } of reader.replay(1)) {
        const verified = feed(verifier, bytes);
        if (verified instanceof AppError) {
          fault = faultOf(verified);
          break;
        }
        await onBatch({ ...verified, bytes });
      }
      if (fault === undefined && verifier.lastSeqno > 0 && !verifier.hasExpectedService) {
        fault = {
          code: "SERVICE_IDENTITY_MISMATCH",
          message: "the ledger ends under another service key than that of the certificate",
        };
      }
      const { lastSeqno, lastSignature, signatureCount } = verifier;
      return {
        ...(fault === undefined ? {} : { fault }),
        ...(lastSignature === undefined ? {} : { lastSigned: lastSignature.transactionId }),
        transactions: lastSeqno,
        signatures: signatureCount,
        unsignedTransactions: lastSeqno - (lastSignature?.seqno ?? 0),
      };
    },
  };
}

function feed(verifier: LedgerVerifier, bytes: Uint8Array): VerifiedEntries | AppError {
  try {
    return verifier.feed(bytes);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error;
  }
}

/** An error of our own must not look like a fault of the ledger. */
async function passOn(
  { entries, leaves }: VerifiedEntries,
  bytes: Uint8Array,
  onBatch: OnBatch,
): Promise<void> {
  try {
    await onBatch({ entries, leaves, bytes });
  } catch (error) {
    throw isAppError(error) ? new Error(error.message, { cause: error }) : error;
  }
}

function faultOf({ code, message, details }: AppError): SourceFault {
  const { transactionId } = details;
  return { code, message, ...(transactionId === undefined ? {} : { transactionId }) };
}
