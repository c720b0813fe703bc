// SPDX-License-Identifier: Apache-2.0
import { storeErrors } from "./errors.js";

/** A bigint column, which arrives as text, as a number that we can count with. */
export function columnToNumber(text: string, column: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw storeErrors("STORE_INCONSISTENT", `${column} of the ledger store is out of range`);
  }
  return value;
}

/** Numbers that are written into the text of a statement: nothing else may get there. */
export function requireInteger(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw storeErrors("CHUNK_INVALID", `${name} must be an integer of at least ${least}`);
}
