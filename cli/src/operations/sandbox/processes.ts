// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cliErrors } from "../../errors.js";
import { NODE_FLAGS, serviceEntryPoint } from "../node/service-process.js";
import { type ProcessName, PROGRAM_OF, type SandboxLayout } from "./layout.js";

const POLL_MS = 25;
const STOP_WITHIN_MS = 15_000;
const LOG_TAIL_LINES = 12;

/** Written by the service itself, when it has read its configuration. */
export const PID_FILE = "process.pid";
/** Written by us at once, so that what was just started can be stopped. */
const STARTED_FILE = "started.pid";

/** A started process; it goes on when we end. */
export interface StartedProcess {
  pid: number;
  /** Undefined as long as it runs. */
  exited(): { code: number | null; signal: string | null } | undefined;
}

/** Starts a service detached from this process, with its output in a log file. */
export async function startProcess(
  layout: SandboxLayout,
  name: ProcessName,
): Promise<StartedProcess> {
  const entryPoint = serviceEntryPoint(PROGRAM_OF[name]);
  const log = await open(layout.logOf(name), "a", 0o644);
  try {
    const child = spawn(
      process.execPath,
      [...NODE_FLAGS, entryPoint, "--config", layout.configOf(name)],
      {
        cwd: layout.folderOf(name),
        detached: true,
        stdio: ["ignore", log.fd, log.fd],
      },
    );
    let end: { code: number | null; signal: string | null } | undefined;
    child.once("exit", (code, signal) => (end = { code, signal }));
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(child.pid ?? 0));
    });
    await writeFile(join(layout.folderOf(name), STARTED_FILE), `${pid}\n`);
    child.unref();
    return { pid, exited: () => end };
  } finally {
    await log.close();
  }
}

/** The process of this sandbox that runs now, if any. A recycled process id is not mistaken for it. */
export async function findProcess(
  layout: SandboxLayout,
  name: ProcessName,
): Promise<number | undefined> {
  for (const file of [STARTED_FILE, PID_FILE]) {
    const pid = await readPid(join(layout.folderOf(name), file));
    if (pid === undefined || !isAlive(pid)) continue;
    if ((await commandLineOf(pid)).includes(layout.configOf(name))) return pid;
  }
  return undefined;
}

async function readPid(file: string): Promise<number | undefined> {
  if (!existsSync(file)) return undefined;
  const pid = Number((await readFile(file, "utf8")).trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** Asks it to stop, waits, and answers whether there was anything to stop. */
export async function stopProcess(layout: SandboxLayout, name: ProcessName): Promise<boolean> {
  const pid = await findProcess(layout, name);
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  for (const end = Date.now() + STOP_WITHIN_MS; Date.now() < end; await sleep(POLL_MS)) {
    if (!isAlive(pid)) return true;
  }
  process.kill(pid, "SIGKILL");
  while (isAlive(pid)) await sleep(POLL_MS);
  return true;
}

/** Why a process is not there any more, with the end of its log. */
export async function processFailed(
  layout: SandboxLayout,
  name: ProcessName,
  problem: string,
): Promise<Error> {
  const log = existsSync(layout.logOf(name)) ? await readFile(layout.logOf(name), "utf8") : "";
  const tail = log.trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
  return cliErrors("PROCESS_FAILED", `${name} ${problem}\n${tail}`.trimEnd(), {
    details: { process: name, log: layout.logOf(name) },
    hint: `Its log is ${layout.show(layout.logOf(name))}.`,
  });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A child that ended and was not waited for is still listed on Linux. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) === "Z";
  } catch {
    return false;
  }
}

async function commandLineOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
  } catch {
    // Not Linux: ask ps, which every other system has.
    const { stdout } = await promisify(execFile)("ps", ["-p", String(pid), "-o", "args="]).catch(
      () => ({ stdout: "" }),
    );
    return stdout;
  }
}
