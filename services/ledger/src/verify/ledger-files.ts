// SPDX-License-Identifier: Apache-2.0
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { verifyErrors } from "./errors.js";

/** A file of a ledger directory, by its name. */
export interface LedgerFile {
  readonly name: string;
  readonly path: string;
  readonly firstSeqno: number;
  /** Absent in the name of a file that may still grow. */
  readonly lastSeqno?: number;
  readonly isCommitted: boolean;
  /** Written by a recovery that has not opened its service yet. */
  readonly isRecovery: boolean;
}

export interface ListOptions {
  /** Also the file that was not committed. */
  readonly uncommitted?: boolean;
  /** Also files of a recovery in progress. */
  readonly recovery?: boolean;
}

export interface ListFromOptions extends ListOptions {
  /** The ledger is entered after this seqno: files that end before are not needed. */
  readonly after?: number;
}

const PREFIX = "ledger_";
/** Files that CCF's tools pass over too: discarded ones, and partial downloads. */
const PASSED_OVER = [".ignored", ".committed_prefix"];
const NAME = /^ledger_([1-9][0-9]{0,15})(?:-([1-9][0-9]{0,15}))?(\.committed)?(\.recovery)?$/;

/** What a file name says; `undefined` for a name that no ledger file has. */
export function parseLedgerFileName(name: string): Omit<LedgerFile, "path"> | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const firstSeqno = Number(match[1]);
  const lastSeqno = match[2] === undefined ? undefined : Number(match[2]);
  const isCommitted = match[3] !== undefined;
  if (isCommitted && lastSeqno === undefined) return undefined;
  if (lastSeqno !== undefined && lastSeqno < firstSeqno) return undefined;
  return {
    name,
    firstSeqno,
    isCommitted,
    isRecovery: match[4] !== undefined,
    ...(lastSeqno !== undefined && { lastSeqno }),
  };
}

/** The name of a complete, committed file. */
export function committedFileName(firstSeqno: number, lastSeqno: number): string {
  return `${PREFIX}${firstSeqno}-${lastSeqno}.committed`;
}

/**
 * The files of a directory in order, which must continue each other from the first transaction on, or
 * from the one at which the ledger is entered.
 */
export async function listLedgerFiles(
  directory: string,
  options: ListFromOptions = {},
): Promise<LedgerFile[]> {
  const { after } = options;
  const files: LedgerFile[] = [];
  for (const name of await readdir(directory)) {
    if (!name.startsWith(PREFIX) || PASSED_OVER.some((suffix) => name.endsWith(suffix))) continue;
    const parsed = parseLedgerFileName(name);
    if (parsed === undefined) {
      throw inFile("LEDGER_FILE_NAME_INVALID", `${name} is not the name of a ledger file`, name);
    }
    if (parsed.isRecovery && options.recovery !== true) continue;
    if (!parsed.isCommitted && options.uncommitted !== true) continue;
    if (after !== undefined && parsed.lastSeqno !== undefined && parsed.lastSeqno <= after)
      continue;
    files.push({ ...parsed, path: join(directory, name) });
  }
  files.sort((a, b) => a.firstSeqno - b.firstSeqno || (a.name < b.name ? -1 : 1));
  if (files.length === 0 && after === undefined) {
    throw verifyErrors("LEDGER_EMPTY", `there are no ledger files in ${directory}`);
  }
  requireContiguous(files, after);
  return files;
}

function requireContiguous(files: readonly LedgerFile[], after: number | undefined): void {
  // The transaction after a snapshot may lie in the middle of the first file.
  const first = files[0]?.firstSeqno ?? 1;
  let expected = after === undefined ? 1 : Math.min(first, after + 1);
  for (const file of files) {
    if (file.firstSeqno !== expected) {
      const message = `${file.name} begins at ${file.firstSeqno}, expected was ${expected}`;
      throw inFile("LEDGER_FILES_NOT_CONTIGUOUS", message, file.name);
    }
    // Where an uncommitted file ends is not known, so nothing may follow it.
    expected = file.lastSeqno === undefined ? Number.NaN : file.lastSeqno + 1;
  }
}

function inFile(
  code: "LEDGER_FILE_NAME_INVALID" | "LEDGER_FILES_NOT_CONTIGUOUS",
  message: string,
  file: string,
): Error {
  return verifyErrors(code, message, { details: { file } });
}
