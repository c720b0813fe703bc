// SPDX-License-Identifier: Apache-2.0
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@consortium/kit/lifecycle";
import { startEmbeddedPostgres } from "@consortium/kit/postgres";
import { STORE_URL_FILE } from "./config-files.js";
import { PROCESSES, PROGRAM_OF, type SandboxLayout } from "./layout.js";
import type { SandboxState } from "./state.js";

/** Starts the embedded PostgreSQL, which goes on when we end. */
export function startDatabase(layout: SandboxLayout): Promise<{ adminUrl: string; port: number }> {
  return startEmbeddedPostgres({ dataDirectory: layout.postgres, keepRunning: true });
}

/** Makes schema and logins, hands each process its own login, and returns that of an auditor, who only reads. */
export async function prepareDatabase(
  layout: SandboxLayout,
  state: SandboxState,
  adminUrl: string,
): Promise<string> {
  const { defaultRoles, ensureServiceRoles, migrate } = await import("@consortium/ledger");
  await migrate({ adminUrl });
  const roles = defaultRoles("sandbox");
  for (const [name, role] of Object.entries(roles) as [
    keyof typeof roles,
    (typeof roles)[keyof typeof roles],
  ][]) {
    role.password = state.databasePasswords[name];
  }
  const urls = await ensureServiceRoles(adminUrl, roles);
  for (const name of PROCESSES) {
    const program = PROGRAM_OF[name];
    await mkdir(layout.folderOf(name), { recursive: true });
    const url = urls[program === "node" ? "ledger" : program];
    await writeFileAtomic(join(layout.folderOf(name), STORE_URL_FILE), `${url}\n`, { mode: 0o600 });
  }
  return urls.auditor;
}
