// SPDX-License-Identifier: Apache-2.0
import { rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../errors/index.js";
import { postgresErrors } from "../errors.js";
import { type PostgresLog, silentLog } from "../log.js";
import { type Account, chooseAccount } from "./account.js";
import { adminUrl, attach } from "./attach.js";
import { type Binaries, findBinaries } from "./binaries.js";
import {
  createRoot,
  ensureCluster,
  ensurePassword,
  type ServerFolder,
  serverFolder,
} from "./folder.js";
import { withFolderLock } from "./folder-lock.js";
import { hasOtherOwner, writeOwner } from "./owner.js";
import { choosePort, isPortFree } from "./port.js";
import { isServerOf, readPostmaster } from "./postmaster.js";
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

/** Servers that this process answers for, by data folder. */
const running = new Map<string, { pid: number; keepRunning: boolean }>();
let watchesExit = false;

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
  const folder = serverFolder(options.dataDirectory);
  try {
    const account = await chooseAccount(folder.cluster);
    await createRoot(folder, account);
    return await withFolderLock(folder.lockFile, async () => {
      const prepared = await prepare(folder, account, log);
      return (await join(prepared, options, log)) ?? (await start(prepared, options, log));
    });
  } catch (error) {
    throw error instanceof AppError ? error : folderError(folder, error);
  }
}

/** What runs on the folder, whoever started it. */
export async function findEmbeddedPostgres(
  dataDirectory: string,
): Promise<{ pid: number; port: number; adminUrl: string } | undefined> {
  const folder = serverFolder(dataDirectory);
  const postmaster = await readPostmaster(folder.cluster);
  if (postmaster === undefined || !(await isServerOf(postmaster.pid, folder.cluster))) {
    return undefined;
  }
  const { pid, port } = postmaster;
  return { pid, port, adminUrl: adminUrl(port, await ensurePassword(folder)) };
}

/** Stops what runs on the folder, whoever started it. Answers whether there was something. */
export async function stopEmbeddedPostgres(dataDirectory: string): Promise<boolean> {
  const folder = serverFolder(dataDirectory);
  const found = await findEmbeddedPostgres(dataDirectory);
  if (found === undefined) return false;
  running.delete(folder.root);
  await shutDown(found.pid, folder, await findBinaries(await chooseAccount(folder.cluster)));
  await rm(folder.ownerFile, { force: true });
  return true;
}

async function prepare(
  folder: ServerFolder,
  account: Account | undefined,
  log: PostgresLog,
): Promise<Prepared> {
  const binaries = await findBinaries(account);
  const password = await ensurePassword(folder);
  const outcome = await ensureCluster(folder, binaries, account, password);
  if (outcome === "created") log.info({ dataDirectory: folder.root }, "embedded PostgreSQL is new");
  return { folder, binaries, account, password };
}

/** Uses the server that already runs on the folder, if there is one. */
async function join(
  prepared: Prepared,
  options: EmbeddedPostgresOptions,
  log: PostgresLog,
): Promise<EmbeddedPostgres | undefined> {
  const { folder, password } = prepared;
  const found = await attach(folder, password, READY_WITHIN_MS);
  if (found === undefined) return undefined;
  const shared =
    running.get(folder.root)?.pid === found.pid || (await hasOtherOwner(folder.ownerFile));
  if (!shared) await own(folder, found.pid, options);
  return handleOf({ ...found, shared }, prepared, log);
}

async function start(
  prepared: Prepared,
  options: EmbeddedPostgresOptions,
  log: PostgresLog,
): Promise<EmbeddedPostgres> {
  const { folder, binaries } = prepared;
  let failure = "";
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const port = await choosePort(options.port, folder.portFile);
    const settings = { ...serverSettings(port, binaries.majorVersion), ...options.settings };
    const child = await launch({ ...prepared, settings }, READY_WITHIN_MS);
    if (!("reason" in child)) {
      const { pid } = child;
      await replaceFile(folder.portFile, `${port}\n`);
      await own(folder, pid, options);
      child.process.once("exit", (code, signal) => {
        if (!running.delete(folder.root)) return;
        log.error({ pid, code, signal, logFile: folder.logFile }, "embedded PostgreSQL ended");
      });
      log.info({ pid, port }, "embedded PostgreSQL is ready");
      return handleOf({ pid, port, shared: false }, prepared, log);
    }
    failure = `${child.reason}: ${child.output}`;
    if (!(await isPortFree(port))) {
      if (options.port) throw portInUse(port);
      continue;
    }
    // A lock file that stays is a killed server's, whose last sessions may need a moment to end.
    if ((await readPostmaster(folder.cluster)) === undefined) break;
    await sleep(200 * attempt);
  }
  throw postgresErrors("EMBEDDED_POSTGRES_FAILED", `PostgreSQL did not start: it ${failure}`, {
    hint: `Its log is ${folder.logFile}.`,
    details: { dataDirectory: folder.root },
  });
}

function handleOf(
  { pid, port, shared }: { pid: number; port: number; shared: boolean },
  { folder, binaries, password }: Prepared,
  log: PostgresLog,
): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  const stopOnce = async (): Promise<void> => {
    if (shared) return;
    running.delete(folder.root);
    await shutDown(pid, folder, binaries);
    await rm(folder.ownerFile, { force: true });
    log.info({ pid }, "embedded PostgreSQL has stopped");
  };
  const stop = (): Promise<void> => (stopping ??= stopOnce());
  return {
    adminUrl: adminUrl(port, password),
    port,
    pid,
    shared,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function own(
  folder: ServerFolder,
  pid: number,
  { keepRunning = false }: EmbeddedPostgresOptions,
): Promise<void> {
  await writeOwner(folder.ownerFile);
  running.set(folder.root, { pid, keepRunning });
  if (!watchesExit) process.once("exit", stopAll);
  watchesExit = true;
}

/** For a process that ends without having stopped its server. */
function stopAll(): void {
  for (const { pid, keepRunning } of running.values()) if (!keepRunning) sendSignal(pid, "SIGINT");
  running.clear();
}

/** By renaming, which works on another user's file too as long as the folder is ours. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}

function portInUse(port: number): Error {
  return postgresErrors("EMBEDDED_POSTGRES_PORT_IN_USE", `port ${port} of 127.0.0.1 is in use`, {
    hint: "Choose another port, or leave it out: any free one is taken then.",
  });
}

function folderError(folder: ServerFolder, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") {
    return postgresErrors(
      "EMBEDDED_POSTGRES_FOLDER_UNREACHABLE",
      `the data folder ${folder.root} belongs to somebody else: ${message}`,
      { hint: "Start as the user that made it, or choose another folder.", cause },
    );
  }
  return postgresErrors("EMBEDDED_POSTGRES_FAILED", `PostgreSQL could not be started: ${message}`, {
    details: { dataDirectory: folder.root },
    cause,
  });
}
