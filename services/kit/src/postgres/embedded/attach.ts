// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isConnectionError } from "../connection-error.js";
import { postgresErrors } from "../errors.js";
import { waitForPostgres } from "../wait.js";
import type { ServerFolder } from "./folder.js";
import { isAlive, isServerOf, type Postmaster, readPostmaster } from "./postmaster.js";

/** A process id that no process has. */
const NOBODY = 2 ** 31 - 2;
const ANSWER_WITHIN_MS = 1_000;

/** Finds a server that runs on the folder, and waits until it is ready or gone. */
export async function attach(
  folder: ServerFolder,
  password: string,
  readyWithinMs: number,
): Promise<Postmaster | undefined> {
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; await sleep(20)) {
    const postmaster = await readPostmaster(folder.cluster);
    if (postmaster === undefined) return undefined;
    const { pid, port, ready } = postmaster;
    if (!(await isServerOf(pid, folder.cluster))) {
      if (isAlive(pid)) await disown(folder.cluster);
      return undefined;
    }
    // One that is about to end still says that it is ready, and is looked at again.
    if (ready && (await answers(adminUrl(port, password)))) return postmaster;
  }
  throw postgresErrors(
    "EMBEDDED_POSTGRES_FAILED",
    "another PostgreSQL holds the data folder and is not ready",
    { hint: `Its log is ${folder.logFile}.` },
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    await waitForPostgres({ url, timeoutMs: ANSWER_WITHIN_MS });
    return true;
  } catch (error) {
    if (isConnectionError(error)) return false;
    throw error;
  }
}

export function adminUrl(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/**
 * A lock file that was left behind names a process that is now something else. PostgreSQL would take any
 * living process for a server and refuse to start. The rest of the file stays: by the shared memory that it
 * names, PostgreSQL sees whether sessions of a killed server are still alive, and waits for their end.
 */
async function disown(cluster: string): Promise<void> {
  const file = path.join(cluster, "postmaster.pid");
  const [, ...lines] = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, [NOBODY, ...lines].join("\n"));
}
