// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { postgresErrors } from "../errors.js";

/** The unprivileged account that the server runs as when we are root. */
export interface Account {
  uid: number;
  gid: number;
}

const ACCOUNT_NAMES = ["postgres", "nobody"];

/**
 * PostgreSQL refuses to run as root, so as root it runs as the owner of the existing data folder, else as
 * `postgres`, else as `nobody`. As anybody else it runs as ourselves, which is `undefined`.
 */
export async function chooseAccount(clusterFolder: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await stat(clusterFolder).catch(() => undefined);
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const accounts = parsePasswd(await readFile("/etc/passwd", "utf8").catch(() => ""));
  for (const name of ACCOUNT_NAMES) {
    const account = accounts.get(name);
    if (account !== undefined && account.uid !== 0) return account;
  }
  throw postgresErrors(
    "EMBEDDED_POSTGRES_FAILED",
    "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor `nobody`",
    {
      hint: "Run as an ordinary user, or add a user named postgres (`useradd --system postgres`).",
    },
  );
}

/** Accounts by name. Negative ids (macOS has `nobody` as -2) are the unsigned 32-bit ids that they stand for. */
export function parsePasswd(text: string): Map<string, Account> {
  const accounts = new Map<string, Account>();
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (!name || !/^-?\d+$/.test(uid ?? "") || !/^-?\d+$/.test(gid ?? "")) continue;
    accounts.set(name, { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 });
  }
  return accounts;
}

/** Whether the account may enter every folder on the way to `target`, and read and enter or run it. */
export async function canReach(account: Account | undefined, target: string): Promise<boolean> {
  if (account === undefined) return true;
  const absolute = path.resolve(target);
  for (let folder = path.dirname(absolute); ; folder = path.dirname(folder)) {
    if (!(await hasBits(account, folder, 0o1))) return false;
    if (folder === path.dirname(folder)) break;
  }
  return hasBits(account, absolute, 0o5);
}

/** Looks at the permission bits only: an access list may allow more or less, and then initdb tells. */
async function hasBits(account: Account, file: string, bits: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return false;
  const shift = found.uid === account.uid ? 6 : found.gid === account.gid ? 3 : 0;
  return ((found.mode >> shift) & bits) === bits;
}
