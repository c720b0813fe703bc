// SPDX-License-Identifier: Apache-2.0
import { rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresErrors } from "../errors.js";
import { type PostgresLog, silentLog } from "../log.js";
import { waitForPostgres } from "../wait.js";
import { type Account, chooseAccount } from "./account.js";
import { type Binaries, findBinaries } from "./binaries.js";
import {
  createRoot,
  ensureCluster,
  ensurePassword,
  type ServerFolder,
  serverFolder,
} from "./folder.js";
import { hasOtherOwner, writeOwner } from "./owner.js";
import { choosePort, isPortFree } from "./port.js";
import { isAlive, isServerOf, readPostmaster } from "./postmaster.js";
import { launch, sendSignal, shutDown } from "./process.js";
import { serverSettings } from "./settings.js";

export interface EmbeddedPostgresOptions {
  /** Everything of the server lies below this folder, which is made if need be. */
  dataDirectory: string;
  /** 0 or absent: the port of the last time if it is free, else any free one. */
  port?: number;
  /** Server settings over our own, for example `{ shared_buffers: "1GB" }`. */
  settings?: Readonly<Record<string, string>>;
  /** Leave the server running when this process ends without having called `stop`. */
  keepRunning?: boolean;
  log?: PostgresLog;
}

export interface EmbeddedPostgres extends AsyncDisposable {
  /** Connection string of the administrator, with the password. */
  adminUrl: string;
  port: number;
  /** The server's process. */
  pid: number;
  /** True if another living process had started it: `stop` then leaves it to that one. */
  shared: boolean;
  /** Fast shutdown. Nothing committed is lost. May be called more than once. */
  stop(): Promise<void>;
}

interface Prepared {
  folder: ServerFolder;
  binaries: Binaries;
  account: Account | undefined;
  password: string;
}

const ATTEMPTS = 5;
const READY_WITHIN_MS = 60_000;

/** Servers that end with this process, by data folder. */
const running = new Map<string, number>();
let endsWithProcess = false;

/**
 * Starts PostgreSQL from the programs that npm has installed, on 127.0.0.1, with a password that is made at
 * the first start and kept in `<dataDirectory>/password`. Works as root and as an ordinary user. A server
 * that still runs on the folder is taken over, or shared if the process that started it is alive.
 *
 * @example
 * await using postgres = await startEmbeddedPostgres({ dataDirectory: ".sandbox/postgres" });
 * const pool = createPool({ url: postgres.adminUrl });
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const log = options.log ?? silentLog;
  const prepared = await prepare(options.dataDirectory, log);
  const { folder } = prepared;
  let failure = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await attach(prepared);
    if (found !== undefined) return handleOf(found, prepared, options, log);
    const port = await choosePort(options.port, folder.portFile);
    const { majorVersion } = prepared.binaries;
    const settings = { ...serverSettings(port, majorVersion), ...options.settings };
    const child = await launch({ ...prepared, settings }, READY_WITHIN_MS);
    if ("pid" in child && child.pid !== undefined) {
      await writeFile(folder.portFile, `${port}\n`);
      await writeOwner(folder.ownerFile);
      log.info({ port, pid: child.pid }, "embedded PostgreSQL is ready");
      const { pid } = child;
      child.once("exit", (code, signal) => {
        if (running.delete(folder.root)) {
          log.error({ pid, code, signal, logFile: folder.logFile }, "embedded PostgreSQL ended");
        }
      });
      return handleOf({ pid, port, shared: false }, prepared, options, log);
    }
    failure = "reason" in child ? `${child.reason}: ${child.output}` : "no process";
    const portTaken = !(await isPortFree(port));
    if (portTaken && options.port) break;
    // Somebody else has taken the port or the folder in the meantime: look again. All else is final.
    if (!portTaken && (await readPostmaster(folder.cluster)) === undefined) break;
  }
  throw postgresErrors("EMBEDDED_POSTGRES_FAILED", `PostgreSQL did not start: it ${failure}`, {
    hint: `Its log is ${folder.logFile}.`,
    details: { dataDirectory: folder.root },
  });
}

/**
 * Stops whatever server runs on the folder, whoever started it. Answers whether there was one.
 */
export async function stopEmbeddedPostgres(dataDirectory: string): Promise<boolean> {
  const folder = serverFolder(dataDirectory);
  const postmaster = await readPostmaster(folder.cluster);
  if (postmaster === undefined || !(await isServerOf(postmaster.pid, folder.cluster))) return false;
  running.delete(folder.root);
  await shutDown(postmaster.pid, folder, await findBinaries(await chooseAccount(folder.cluster)));
  return true;
}

async function prepare(dataDirectory: string, log: PostgresLog): Promise<Prepared> {
  const folder = serverFolder(dataDirectory);
  const account = await chooseAccount(folder.cluster);
  const binaries = await findBinaries(account);
  await createRoot(folder, account);
  const password = await ensurePassword(folder);
  const outcome = await ensureCluster(folder, binaries, account, password);
  if (outcome === "created")
    log.info({ dataDirectory: folder.root }, "embedded PostgreSQL has new data");
  return { folder, binaries, account, password };
}

interface Found {
  pid: number;
  port: number;
  shared: boolean;
}

/** Finds a server that already runs on the folder, and waits for it to be ready or gone. */
async function attach({ folder, password }: Prepared): Promise<Found | undefined> {
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await sleep(20)) {
    const postmaster = await readPostmaster(folder.cluster);
    if (postmaster === undefined) return undefined;
    const { pid, port, ready } = postmaster;
    if (!(await isServerOf(pid, folder.cluster))) {
      // PostgreSQL takes any living process with this id for a server, so it must not see the file.
      if (isAlive(pid)) await rm(`${folder.cluster}/postmaster.pid`, { force: true });
      return undefined;
    }
    if (!ready) continue;
    await waitForPostgres({ url: adminUrl(port, password), timeoutMs: 10_000 });
    const shared = running.has(folder.root) || (await hasOtherOwner(folder.ownerFile));
    if (!shared) await writeOwner(folder.ownerFile);
    return { pid, port, shared };
  }
  throw postgresErrors(
    "EMBEDDED_POSTGRES_FAILED",
    "another PostgreSQL holds the data folder and is not ready",
    {
      hint: `Its log is ${folder.logFile}.`,
    },
  );
}

function handleOf(
  { pid, port, shared }: Found,
  prepared: Prepared,
  options: EmbeddedPostgresOptions,
  log: PostgresLog,
): EmbeddedPostgres {
  const { folder, binaries } = prepared;
  if (!shared && options.keepRunning !== true) stopWithProcess(folder.root, pid);
  let stopping: Promise<void> | undefined;
  const stopOnce = async (): Promise<void> => {
    running.delete(folder.root);
    if (shared) return;
    await shutDown(pid, folder, binaries);
    await rm(folder.ownerFile, { force: true });
    log.info({ pid }, "embedded PostgreSQL has stopped");
  };
  const stop = (): Promise<void> => (stopping ??= stopOnce());
  return {
    adminUrl: adminUrl(port, prepared.password),
    port,
    pid,
    shared,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function stopWithProcess(root: string, pid: number): void {
  if (!endsWithProcess) process.once("exit", stopAll);
  endsWithProcess = true;
  running.set(root, pid);
}

function stopAll(): void {
  for (const pid of running.values()) sendSignal(pid, "SIGINT");
  running.clear();
}

function adminUrl(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}
