// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliErrors } from "../../errors.js";

export type ServiceProgram = "node" | "governance" | "recovery";

/**
 * How Node runs a service. Its young generation is bounded, for it grows at the start to what it is
 * never needed for again: an idle process keeps some 30 MB less, and writes are no slower.
 */
export const NODE_FLAGS: readonly string[] = ["--enable-source-maps", "--max-semi-space-size=4"];

/** A compiled entry point of a service of this workspace. */
export function serviceEntryPoint(program: ServiceProgram, file = "main.js"): string {
  const relative = join("node_modules", "@consortium", program, "dist", file);
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, relative);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) break;
  }
  throw cliErrors("NOT_BUILT", `the ${program} service is not built`, {
    hint: "Run `npm run build`.",
  });
}

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a service in the foreground and resolves to its exit code. Signals reach it through us, so
 * that a supervisor that only knows this process stops the service cleanly.
 */
export function runServiceProcess(
  program: ServiceProgram,
  args: readonly string[],
): Promise<number> {
  const child = spawn(process.execPath, [...NODE_FLAGS, serviceEntryPoint(program), ...args], {
    stdio: "inherit",
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      for (const name of FORWARDED) process.off(name, forward);
      resolve(code ?? (signal === null ? 1 : (SIGNAL_CODES[signal] ?? 1)));
    });
  });
}

/** As a shell reports it: 128 and the number of the signal. */
const SIGNAL_CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGKILL: 137,
  SIGSEGV: 139,
  SIGTERM: 143,
};
