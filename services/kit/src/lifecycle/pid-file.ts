// SPDX-License-Identifier: Apache-2.0
import { readFile, stat, unlink } from "node:fs/promises";
import { kitErrors } from "../errors/kit-errors.js";
import { writeFileAtomic } from "./write-file.js";

/**
 * Writes the process id to a file and removes it when disposed. Throws `PROCESS_ALREADY_RUNNING` when the
 * file names a living process. A convenience for operators: what keeps two writers apart is the store.
 */
export async function writePidFile(path: string): Promise<AsyncDisposable> {
  const other = await readPid(path);
  if (other !== undefined && other !== process.pid && (await isWriter(other, path))) {
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

/** Linux counts the starts of processes in hundredths of a second, on every machine. */
const TICKS_PER_SECOND = 100;
/** The counter begins with the machine, and the clock of the file is another one. */
const CLOCK_TOLERANCE_MS = 2_000;

/**
 * Whether the process that the file names still lives. Process ids are given out again, in a container very
 * soon, and threads have one too: what began after the file was written did not write it.
 */
async function isWriter(pid: number, path: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const linux = await readStat(pid);
  // Not Linux: the id is all there is.
  if (linux === undefined) return true;
  // A killed process that its parent has not waited for still takes signals.
  if (linux.state === "Z") return false;
  const { mtimeMs } = await stat(path);
  return linux.startedAtMs <= mtimeMs + CLOCK_TOLERANCE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal means that it lives.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function readStat(pid: number): Promise<{ state: string; startedAtMs: number } | undefined> {
  const [line, uptime] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""),
    readFile("/proc/uptime", "utf8").catch(() => ""),
  ]);
  // The name in brackets may hold anything; state is field 3, the start field 22.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, ticks] = [fields[0], Number(fields[19])];
  const upSeconds = Number.parseFloat(uptime);
  if (state === undefined || !Number.isFinite(ticks) || !Number.isFinite(upSeconds))
    return undefined;
  const ageMs = (upSeconds - ticks / TICKS_PER_SECOND) * 1000;
  return { state, startedAtMs: Date.now() - ageMs };
}
