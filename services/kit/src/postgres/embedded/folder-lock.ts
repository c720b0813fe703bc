// SPDX-License-Identifier: Apache-2.0
import { link, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { hasOtherOwner, ownerText } from "./owner.js";

/** Locks that this process holds. */
const held = new Set<string>();

/**
 * Lets one start or stop at a time work on a folder, in this process and in others. A lock whose process is
 * dead is taken over. PostgreSQL guards the data by a lock of its own; this one makes the answers orderly.
 */
export async function withFolderLock<Result>(
  file: string,
  work: () => Promise<Result>,
): Promise<Result> {
  while (held.has(file)) await sleep(20);
  held.add(file);
  try {
    while (!(await tryLock(file))) await sleep(20);
    try {
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    held.delete(file);
  }
}

async function tryLock(file: string): Promise<boolean> {
  const staging = `${file}.${process.pid}`;
  await writeFile(staging, await ownerText());
  try {
    // A link, unlike a new file, has its content from the first moment on.
    await link(staging, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!(await hasOtherOwner(file))) await rm(file, { force: true });
    return false;
  } finally {
    await rm(staging, { force: true });
  }
}
