// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { postgresErrors } from "../errors.js";
import { type Account, canReach } from "./account.js";
import type { Binaries } from "./binaries.js";

/** The files of one embedded server. Everything lies in one folder, which can be moved or deleted as one. */
export interface ServerFolder {
  root: string;
  /** PostgreSQL's own data directory. */
  cluster: string;
  /** The administrator's password, mode 0600. */
  passwordFile: string;
  /** The last port, so that connection strings stay valid over a restart. */
  portFile: string;
  /** The process that started the server. */
  ownerFile: string;
  /** Held while a server is started. */
  lockFile: string;
  logFile: string;
}

export function serverFolder(root: string): ServerFolder {
  const absolute = path.resolve(root);
  return {
    root: absolute,
    cluster: path.join(absolute, "cluster"),
    passwordFile: path.join(absolute, "password"),
    portFile: path.join(absolute, "port"),
    ownerFile: path.join(absolute, "owner.json"),
    lockFile: path.join(absolute, "start.lock"),
    logFile: path.join(absolute, "postgresql.log"),
  };
}

/**
 * How the server's account names a folder of its own. A folder below one that it cannot enter, say in
 * /root, has no path for it; but a process is started *in* a folder by us before it gives up our rights,
 * and Linux then names that folder `/proc/self/cwd` whatever lies above it.
 */
export async function nameFor(account: Account | undefined, folder: string): Promise<string> {
  if (await canReach(account, folder)) return folder;
  if (process.platform === "linux" && (await exists("/proc/self/cwd"))) return "/proc/self/cwd";
  throw postgresErrors(
    "EMBEDDED_POSTGRES_FOLDER_UNREACHABLE",
    `PostgreSQL does not run as root, and no other user can reach ${folder}`,
    { hint: "Choose a data folder outside root's home, or run as an ordinary user." },
  );
}

/** The administrator's password: made at the first call, read at every other. */
export async function ensurePassword(folder: ServerFolder): Promise<string> {
  if (!(await exists(folder.passwordFile))) {
    const staging = `${folder.passwordFile}.${process.pid}`;
    await writeFile(staging, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600 });
    // A link, unlike a rename, leaves the file alone that another process has made in the meantime.
    await link(staging, folder.passwordFile).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    await rm(staging, { force: true });
  }
  return (await readFile(folder.passwordFile, "utf8")).trim();
}

/** Makes the data directory if there is none, and checks that ours can open the one that there is. */
export async function ensureCluster(
  folder: ServerFolder,
  binaries: Binaries,
  account: Account | undefined,
  password: string,
): Promise<"created" | "existing"> {
  const versionFile = path.join(folder.cluster, "PG_VERSION");
  const version = await readFile(versionFile, "utf8").catch(() => undefined);
  if (version === undefined) {
    await createCluster(folder, binaries, account, password);
    return "created";
  }
  if (Number.parseInt(version, 10) !== binaries.majorVersion) {
    throw postgresErrors(
      "EMBEDDED_POSTGRES_VERSION_MISMATCH",
      `${folder.cluster} was made by PostgreSQL ${version.trim()}, and the programs here are version ${binaries.majorVersion}`,
      {
        hint: "Install the version of this project that made it, or move the folder away to start anew.",
      },
    );
  }
  return "existing";
}

/** Beside its place and then renamed, so that an interrupted initdb leaves nothing that looks whole. */
async function createCluster(
  folder: ServerFolder,
  binaries: Binaries,
  account: Account | undefined,
  password: string,
): Promise<void> {
  const staging = `${folder.cluster}.new-${process.pid}`;
  const cluster = path.join(staging, "cluster");
  const passwordFile = path.join(staging, "password");
  await rm(staging, { recursive: true, force: true });
  try {
    await mkdir(cluster, { recursive: true, mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    for (const file of [staging, cluster, passwordFile]) {
      if (account !== undefined) await chown(file, account.uid, account.gid);
    }
    await runInitdb(binaries, account, cluster);
    await rename(cluster, folder.cluster).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    await syncFolder(folder.root);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function runInitdb(
  binaries: Binaries,
  account: Account | undefined,
  cluster: string,
): Promise<void> {
  const arguments_ = [
    `--pgdata=${await nameFor(account, cluster)}`,
    "--username=postgres",
    "--pwfile=../password",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--no-instructions",
  ];
  const child = spawn(binaries.initdb, arguments_, {
    cwd: cluster,
    env: serverEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    ...account,
  });
  let output = "";
  const keep = (text: Buffer): void => {
    output = (output + text.toString("utf8")).slice(-4000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const outcome = await new Promise<number | string | Error>((resolve) => {
    child.on("error", resolve);
    child.on("close", (code, signal) => resolve(code ?? signal ?? "no exit code"));
  });
  if (outcome === 0) return;
  throw postgresErrors(
    "EMBEDDED_POSTGRES_FAILED",
    `initdb could not make the data folder (${outcome instanceof Error ? outcome.message : outcome}): ${output.trim()}`,
    {
      cause: outcome,
      hint: "Configure a PostgreSQL by its connection string, or choose another folder.",
    },
  );
}

/** Nothing of the caller's PG* variables or locale may reach the server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "SystemRoot", "TMP", "TEMP"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), LC_ALL: "C", TZ: "UTC" };
}

/** Creates the folder itself: root's may be entered, not listed, by the server's account. */
export async function createRoot(
  folder: ServerFolder,
  account: Account | undefined,
): Promise<void> {
  if (await exists(folder.root)) return;
  await mkdir(folder.root, { recursive: true });
  await chmod(folder.root, account === undefined ? 0o700 : 0o711);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
