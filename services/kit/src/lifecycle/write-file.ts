// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { link, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { kitErrors } from "../errors/kit-errors.js";

export interface WriteFileOptions {
  /** 0o600 for secrets. @default 0o644 */
  mode?: number;
  /** Refuse with `FILE_EXISTS` instead of replacing. */
  refuseExisting?: boolean;
}

/** Writes a file so that a crash leaves the old one or the new one whole, on the disk, with this mode. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: WriteFileOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  await writeSynced(temporary, content, options.mode ?? 0o644);
  try {
    if (options.refuseExisting === true) await linkNew(temporary, path);
    else await rename(temporary, path);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
  await syncDirectory(dirname(path));
}

async function writeSynced(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  await using file = await open(path, "wx", mode);
  // The mode given to open is reduced by the umask.
  await file.chmod(mode);
  await file.writeFile(content);
  await file.sync();
}

/** Unlike a rename, a link fails when the name is taken, however many try at once. */
async function linkNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
    throw kitErrors("FILE_EXISTS", `the file ${path} exists already`, {
      details: { path },
      hint: "Move it away or choose another name; nothing was overwritten.",
      cause,
    });
  }
  await unlink(temporary);
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, "r");
  await directory.sync();
}
