// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { AppError, type ErrorCategory } from "@consortium/kit/errors";
import { cliErrors } from "../../errors.js";
import { DATABASE_URL_VARIABLE } from "../ledger/database-url.js";
import { serviceEntryPoint } from "../node/service-process.js";

/** Which ledger is read. */
export type AuditedLedger = { directory: string } | { databaseUrl: string };

export interface AuditProcessRequest {
  command: "verify" | "check-constitution";
  /** None for a check that needs none. */
  ledger: AuditedLedger | undefined;
  args: readonly string[];
  onProgress?: (progress: { transactions?: number; requests?: number }) => void;
}

type Line =
  | { type: "progress"; transactions?: number; requests?: number }
  | { type: "report"; report: unknown }
  | {
      type: "error";
      code: string;
      category: ErrorCategory;
      message: string;
      details?: Record<string, string>;
      hint?: string;
    };

/**
 * Runs the auditor of the governance room as a process of its own: it executes constitutions and
 * ballots, which belong in its sandbox and not here. Resolves to its report.
 */
export async function runAuditProcess(request: AuditProcessRequest): Promise<unknown> {
  const { command, ledger, args, onProgress } = request;
  const entryPoint = serviceEntryPoint("governance", "audit-main.js");
  const child = spawn(
    process.execPath,
    ["--enable-source-maps", entryPoint, command, ...sourceArgs(ledger), ...args],
    { stdio: ["ignore", "pipe", "inherit"], env: environmentFor(ledger) },
  );
  const exited = once(child, "exit") as Promise<[number | null]>;
  let report: unknown;
  let failure: Error | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if (line.type === "progress") onProgress?.(line);
    else if (line.type === "report") ({ report } = line);
    else failure = errorOf(line);
  }
  const [exitCode] = await exited;
  if (failure !== undefined) throw failure;
  if (report !== undefined) return report;
  throw cliErrors("PROCESS_FAILED", `the auditor ended with exit code ${exitCode ?? "none"}`, {
    hint: "Its last lines say why.",
  });
}

function sourceArgs(ledger: AuditedLedger | undefined): string[] {
  if (ledger === undefined) return [];
  return "directory" in ledger ? ["--directory", ledger.directory] : ["--database"];
}

/** A connection string may hold a password: it is never an argument. */
function environmentFor(ledger: AuditedLedger | undefined): NodeJS.ProcessEnv {
  if (ledger === undefined || "directory" in ledger) return process.env;
  return { ...process.env, [DATABASE_URL_VARIABLE]: ledger.databaseUrl };
}

function errorOf({ code, category, message, details, hint }: Line & { type: "error" }): Error {
  return new AppError(code, category, message, {
    ...(details === undefined ? {} : { details }),
    ...(hint === undefined ? {} : { hint }),
  });
}
