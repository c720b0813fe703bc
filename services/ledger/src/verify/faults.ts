// SPDX-License-Identifier: Apache-2.0
import { AppError } from "@consortium/kit/errors";
import { verifyErrors } from "./errors.js";

/** The first thing that is wrong with a ledger directory, and where. */
export interface LedgerFault {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  /** Bytes from the start of the file. */
  readonly offset?: number;
  /** `?.seqno` where the view cannot be read. */
  readonly transactionId?: string;
}

/** A place in a file, as errors carry it in their details. */
export interface FilePlace {
  readonly file: string;
  readonly offset?: number;
  readonly transactionId?: string;
}

export function faultInFile(
  code: keyof typeof verifyErrors.table,
  message: string,
  place: FilePlace,
): AppError {
  return verifyErrors(code, message, { details: filePlaceDetails(place) });
}

export function filePlaceDetails(place: FilePlace): Record<string, string> {
  return {
    file: place.file,
    ...(place.offset !== undefined && { fileOffset: String(place.offset) }),
    ...(place.transactionId !== undefined && { transactionId: place.transactionId }),
  };
}

/** The same error, with what it does not say yet about its place. */
export function withPlace(error: AppError, place: Partial<FilePlace>): AppError {
  if (place.file === undefined) return error;
  const details = { ...filePlaceDetails({ ...place, file: place.file }), ...error.details };
  return new AppError(error.code, error.category, error.message, {
    details,
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error.cause ?? error,
  });
}

export function toFault(error: AppError): LedgerFault {
  const { file, fileOffset, transactionId } = error.details;
  return {
    code: error.code,
    message: error.message,
    ...(file !== undefined && { file }),
    ...(fileOffset !== undefined && { offset: Number(fileOffset) }),
    ...(transactionId !== undefined && { transactionId }),
  };
}
