// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** The folder of the repository; this file is `integration-tests/dist/harness/workspace.js`. */
export const ROOT = resolve(import.meta.dirname, "..", "..", "..");

export type ServiceName = "node" | "governance" | "recovery";

/** The built program of a service. */
export function serviceProgram(service: ServiceName): string {
  return requireBuilt(join(ROOT, "services", service, "dist", "main.js"));
}

export function ccfctlProgram(): string {
  requireBuilt(join(ROOT, "cli", "dist", "index.js"));
  return join(ROOT, "cli", "bin", "run.js");
}

/** Ledgers that CCF itself wrote. */
export const LEDGER_FIXTURES = join(ROOT, "services", "ledger", "fixtures");

function requireBuilt(file: string): string {
  if (existsSync(file)) return file;
  throw new Error(`${file} is missing: run \`npm run build\` first`);
}

/** The files of our own constitution, in their order. */
export function constitutionFiles(): string[] {
  const folder = join(ROOT, "services", "governance", "constitution");
  const names = readdirSync(folder).filter((name) => name.endsWith(".js"));
  return names.sort().map((name) => join(folder, name));
}
