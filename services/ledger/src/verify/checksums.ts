// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { faultInFile, type FilePlace } from "./faults.js";
import type { LedgerFile } from "./ledger-files.js";

/**
 * SHA-256 of every exported file, in the format of `sha256sum`. Nothing signs the very last
 * signature transaction of a ledger, so a bit of it can flip unseen; this list finds that. The suffix
 * makes CCF's tools pass over the file.
 */
export const CHECKSUMS_FILE = "SHA256SUMS.ignored";

const LINE = /^([0-9a-f]{64}) [ *](\S+)$/;

/** The list of a directory by file name; `undefined` if there is none. */
export async function readChecksums(directory: string): Promise<Map<string, string> | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, CHECKSUMS_FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const sums = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const match = LINE.exec(line);
    const [, digest, name] = match ?? [];
    if (digest === undefined || name === undefined || sums.has(name)) {
      throw faultInFile(
        "LEDGER_CHECKSUM_MISMATCH",
        "a line of the list of checksums is malformed",
        {
          file: CHECKSUMS_FILE,
        },
      );
    }
    sums.set(name, digest);
  }
  return sums;
}

export function formatChecksums(sums: Iterable<readonly [name: string, digest: string]>): string {
  return [...sums].map(([name, digest]) => `${digest}  ${name}\n`).join("");
}

export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * The file must be the one that was exported. All that is signed was verified before, so that
 * `unsigned` is where the change is.
 */
export async function requireChecksum(
  file: LedgerFile,
  checksums: ReadonlyMap<string, string>,
  unsigned: Partial<FilePlace>,
): Promise<void> {
  const expected = checksums.get(file.name);
  if (expected === (await fileDigest(file.path))) return;
  const message =
    expected === undefined
      ? `${file.name} is not on the list of checksums`
      : `${file.name} is not the file that was exported`;
  throw faultInFile("LEDGER_CHECKSUM_MISMATCH", message, { ...unsigned, file: file.name });
}
