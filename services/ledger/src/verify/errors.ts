// SPDX-License-Identifier: Apache-2.0
import { AppError, defineErrors } from "@consortium/kit/errors";

/** What verification can find. Codes of entries, maps, rows and signatures come beside these. */
export const verifyErrors = defineErrors({
  /** Seqnos must follow each other without a gap. */
  SEQNO_NOT_CONTIGUOUS: "data_loss",
  /** A view went back, or changed where nothing was signed. */
  VIEW_INVALID: "data_loss",
  /** The first transaction does not make a service. */
  GENESIS_INVALID: "data_loss",
  /** The service went from one status to another that cannot follow. */
  SERVICE_STATUS_INVALID: "data_loss",
  /** The service's key changed without a recovery that accounts for it. */
  SERVICE_IDENTITY_INVALID: "data_loss",
  /** The ledger belongs to another service than the certificate given. */
  SERVICE_IDENTITY_MISMATCH: "data_loss",
  /** What is signed is not what is there. */
  ROOT_MISMATCH: "data_loss",
  /** A signature is not that of the key it claims. */
  SIGNATURE_INVALID: "data_loss",
  /** A signature speaks of another transaction than the one it stands in. */
  SIGNATURE_POSITION_MISMATCH: "data_loss",
  /** A signature by a node that had no right to sign. */
  NODE_NOT_TRUSTED: "data_loss",
  /** The signing node's certificate is missing, another's, or not endorsed by the service. */
  NODE_CERTIFICATE_INVALID: "data_loss",
  /** A chunk can begin only where something was signed. */
  CHUNK_FLAG_INVALID: "data_loss",
  /** A signature transaction is not written as these are. */
  SIGNATURE_NOT_CANONICAL: "data_loss",
  /** The service did not sign, though it was required. */
  SERVICE_SIGNATURE_MISSING: "data_loss",
  /** A snapshot holds no signature over the tree in it. */
  SNAPSHOT_NOT_SIGNED: "data_loss",
  /** The ledger does not say of the snapshot what its receipt says. */
  SNAPSHOT_EVIDENCE_MISMATCH: "data_loss",
  /** A fault was found before; nothing more is accepted. */
  VERIFIER_STOPPED: "failed_precondition",

  LEDGER_EMPTY: "not_found",
  LEDGER_FILE_NAME_INVALID: "data_loss",
  LEDGER_FILES_NOT_CONTIGUOUS: "data_loss",
  /** The head of a file or its positions table does not fit its entries. */
  LEDGER_FILE_MALFORMED: "data_loss",
  LEDGER_POSITIONS_MISMATCH: "data_loss",
  /** A committed file must end with a signature. */
  LEDGER_FILE_NOT_SIGNED: "data_loss",
  LEDGER_CHECKSUM_MISMATCH: "data_loss",
});

/** Where in a ledger something is. */
export interface EntryPlace {
  readonly transactionId: string;
  readonly seqno: number;
  /** In the bytes that were fed; absent if the entry came earlier. */
  readonly offset?: number;
}

/** The same error with the place in its details. */
export function atPlace(error: AppError, place: EntryPlace): AppError {
  // Not by a factory: the code stays that of whichever package found the fault.
  return new AppError(error.code, error.category, error.message, {
    details: { ...error.details, ...placeDetails(place) },
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error.cause ?? error,
  });
}

export function placeDetails(place: EntryPlace): Record<string, string> {
  return {
    transactionId: place.transactionId,
    seqno: String(place.seqno),
    ...(place.offset !== undefined && { offset: String(place.offset) }),
  };
}
