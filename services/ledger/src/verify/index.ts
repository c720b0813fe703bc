// SPDX-License-Identifier: Apache-2.0
export { verifyErrors } from "./errors.js";
export { CHECKSUMS_FILE } from "./checksums.js";
export type { LedgerFault } from "./faults.js";
export {
  committedFileName,
  listLedgerFiles,
  parseLedgerFileName,
  type LedgerFile,
  type ListOptions,
} from "./ledger-files.js";
export {
  LedgerVerifier,
  type LedgerVerifierOptions,
  type VerifiedEntries,
} from "./ledger-verifier.js";
export type { ServiceIdentity, SignedPoint } from "./service-history.js";
export type { SignatureChoice, VerifiedSignature } from "./signature-check.js";
export type { OnVerified } from "./verify-file.js";
export {
  verifyLedgerDirectory,
  type LedgerReport,
  type ReportedService,
  type ReportedSnapshot,
  type VerificationProgress,
  type VerifyDirectoryOptions,
} from "./verify-directory.js";
