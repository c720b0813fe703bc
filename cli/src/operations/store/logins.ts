// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@consortium/kit/lifecycle";
import { cliErrors } from "../../errors.js";

export interface LoginsRequest {
  adminUrl: string;
  /** Where the connection strings are written. */
  directory: string;
  /** The logins are named `<prefix>_ledger` and so on. */
  prefix: string;
}

export interface Login {
  name: string;
  role: string;
  access: "read" | "write";
  file: string;
}

/**
 * Makes a database login for each service and for an auditor, and writes the connection string of each to a
 * file of its own. Done again, the logins keep the passwords that the files hold.
 */
export async function makeLogins({ adminUrl, directory, prefix }: LoginsRequest): Promise<Login[]> {
  const { defaultRoles, ensureServiceRoles } = await import("@consortium/ledger");
  const roles = defaultRoles(prefix);
  const names = Object.keys(roles) as (keyof typeof roles)[];
  const fileOf = (name: string): string => join(directory, `${name}.url`);
  for (const name of names) {
    const password = await passwordIn(fileOf(name), roles[name].role);
    if (password !== undefined) roles[name].password = password;
  }
  const urls = await ensureServiceRoles(adminUrl, roles);
  await mkdir(directory, { recursive: true });
  for (const name of names) await writeFileAtomic(fileOf(name), `${urls[name]}\n`, { mode: 0o600 });
  return names.map((name) => {
    const { role, access } = roles[name];
    return { name, role, access, file: fileOf(name) };
  });
}

async function passwordIn(file: string, role: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  const text = (await readFile(file, "utf8")).trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username === role && url.password !== "") return decodeURIComponent(url.password);
  throw cliErrors("FILE_EXISTS", `${file} holds another connection string`, {
    details: { file, role },
    hint: "Choose another --out folder, or move the file away.",
  });
}
