// SPDX-License-Identifier: Apache-2.0
import { readFile, unlink } from "node:fs/promises";
import { kitErrors } from "../errors/kit-errors.js";
import { writeFileAtomic } from "./write-file.js";

/**
 * Writes the process id to a file and removes it when disposed. Throws `PROCESS_ALREADY_RUNNING` when the
 * file names a living process. A convenience for operators: what keeps two writers apart is the store.
 */
export async function writePidFile(path: string): Promise<AsyncDisposable> {
  const other = await readPid(path);
  if (other !== undefined && other !== process.pid && (await isAlive(other))) {
    throw kitErrors("PROCESS_ALREADY_RUNNING", `process ${other} already runs with ${path}`, {
      details: { path, pid: String(other) },
      hint: "Stop it first; if it is another program, remove the file.",
    });
  }
  await writeFileAtomic(path, `${process.pid}\n`);
  return {
    async [Symbol.asyncDispose]() {
      if ((await readPid(path)) === process.pid) await unlink(path);
    },
  };
}

async function readPid(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  const pid = Number(text.trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return !(await isZombie(pid));
  } catch (error) {
    // Not ours to signal means that it lives.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A killed process that its parent has not waited for still takes signals; Linux tells the difference. */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return /^\d+ \(.*\) Z /s.test(stat);
}
