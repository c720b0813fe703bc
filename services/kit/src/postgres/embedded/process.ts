// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { postgresErrors } from "../errors.js";
import type { Account } from "./account.js";
import type { Binaries } from "./binaries.js";
import { nameFor, serverEnvironment, type ServerFolder } from "./folder.js";
import { isAlive, readPostmaster } from "./postmaster.js";

const POLL_MS = 10;
const END_WITHIN_MS = 1_000;
const LOG_BYTES_MAX = 4 * 1024 * 1024;

export interface Launch {
  folder: ServerFolder;
  binaries: Binaries;
  account: Account | undefined;
  settings: Readonly<Record<string, string>>;
}

export interface LaunchedServer {
  pid: number;
  process: ChildProcess;
}

/** A server that did not become ready, with what it wrote. */
export interface LaunchFailure {
  reason: string;
  output: string;
}

/**
 * Starts the server in a process group of its own, so that Ctrl-C in a terminal reaches us and not it: it
 * must outlive the processes that still have something to write.
 */
export async function launch(
  { folder, binaries, account, settings }: Launch,
  readyWithinMs: number,
): Promise<LaunchedServer | LaunchFailure> {
  const log = await openLog(folder.logFile, account);
  try {
    const { size: logStart } = await log.stat();
    const child = spawn(
      binaries.postgres,
      [
        "-D",
        await nameFor(account, folder.cluster),
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      {
        cwd: folder.cluster,
        env: serverEnvironment(),
        stdio: ["ignore", log.fd, log.fd],
        detached: true,
        windowsHide: true,
        ...account,
      },
    );
    let ended: string | undefined;
    child.once("error", (error) => (ended = error.message));
    child.once("exit", (code, signal) => (ended ??= `ended with ${code ?? signal ?? "nothing"}`));
    for (const deadline = Date.now() + readyWithinMs; ended === undefined; await sleep(POLL_MS)) {
      const postmaster = await readPostmaster(folder.cluster);
      if (postmaster?.pid === child.pid && postmaster?.ready) {
        child.unref();
        return { pid: postmaster.pid, process: child };
      }
      if (Date.now() > deadline) {
        child.kill("SIGQUIT");
        ended = `was not ready within ${readyWithinMs} ms`;
      }
    }
    return { reason: ended ?? "", output: await readFrom(folder.logFile, logStart) };
  } finally {
    await log.close();
  }
}

/** Ends a server that is not needed any more: open transactions are rolled back, everything is flushed. */
export async function shutDown(
  pid: number,
  folder: ServerFolder,
  binaries: Binaries,
): Promise<void> {
  if (process.platform === "win32") {
    await promisify(execFile)(binaries.pgCtl, ["stop", "-m", "fast", "-D", folder.cluster]);
    return;
  }
  for (const [signal, patienceMs] of [
    ["SIGINT", 30_000],
    ["SIGQUIT", 5_000],
  ] as const) {
    if (!sendSignal(pid, signal)) return;
    if (await isGone(pid, folder.cluster, patienceMs)) return;
  }
  throw postgresErrors("EMBEDDED_POSTGRES_FAILED", `PostgreSQL (process ${pid}) does not stop`, {
    hint: `Look at ${folder.logFile}; nothing committed is lost if you end it with \`kill -QUIT ${pid}\`.`,
  });
}

export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/**
 * The lock file is the last thing that a server removes, and then it ends. A killed one leaves it. An ended
 * process that nobody waits for still counts as alive, so the end is not waited for without limit.
 */
async function isGone(pid: number, cluster: string, patienceMs: number): Promise<boolean> {
  let deadline = Date.now() + patienceMs;
  for (let isUnlocked = false; Date.now() < deadline; await sleep(POLL_MS)) {
    if (!isAlive(pid)) return true;
    if (isUnlocked || (await readPostmaster(cluster))?.pid === pid) continue;
    isUnlocked = true;
    deadline = Date.now() + END_WITHIN_MS;
  }
  return (await readPostmaster(cluster))?.pid !== pid;
}

async function openLog(file: string, account: Account | undefined): Promise<FileHandle> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES_MAX) await rename(file, `${file}.old`);
  const log = await open(file, "a", 0o600);
  if (account !== undefined) await log.chown(account.uid, account.gid);
  return log;
}

async function readFrom(file: string, start: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4000), 0, 4000, start);
    return buffer.toString("utf8", 0, bytesRead).trim();
  } finally {
    await handle.close();
  }
}
