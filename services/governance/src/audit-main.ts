// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { isAppError } from "@consortium/kit";
import { databaseSource, directorySource, type LedgerSource } from "./audit/ledger-source.js";
import { verifyGovernance } from "./audit/verify-governance.js";
import { governanceErrors } from "./errors.js";
import { checkConstitution } from "./rehearse/check-constitution.js";

/*
 * What needs the constitution's sandbox and no service: for `ccfctl gov verify` and `ccfctl
 * constitution check`, which run it as a process. Standard output has one JSON object a line: any
 * number of {"type":"progress",…}, then one {"type":"report","report":…} or {"type":"error",…}.
 */

const USAGE = `ccf-governance-audit COMMAND [--directory DIR | --database] [--service-cert FILE]

  verify [--from TXID] [--to TXID]         makes every governance decision again
  check-constitution --constitution FILE   tries a constitution on what is recorded

  --directory DIR      a ledger directory
  --database           the store named by the environment variable CCFCTL_DATABASE_URL
  --service-cert FILE  the ledger must be this service's
  --threads N          how many threads judge [default: one for each processor]
`;

const OPTIONS = {
  directory: { type: "string" },
  database: { type: "boolean" },
  "service-cert": { type: "string" },
  constitution: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  threads: { type: "string" },
  help: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
const [command] = positionals;
if (values.help === true || (command !== "verify" && command !== "check-constitution")) {
  process.stderr.write(USAGE);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  try {
    write({ type: "report", report: await run(command, values) });
  } catch (error) {
    write(errorLine(error));
    process.exitCode = 1;
  }
}

async function run(name: "verify" | "check-constitution", flags: Values): Promise<object> {
  const source = await sourceOf(flags);
  const threads = flags.threads === undefined ? undefined : threadsOf(flags.threads);
  if (name === "check-constitution") {
    const text = await readFile(flags.constitution ?? "", "utf8");
    return checkConstitution(text, source, {
      threads,
      onProgress: (requests) => write({ type: "progress", requests }),
    });
  }
  if (source === undefined) throw governanceErrors("INVALID_INPUT", "no ledger is named to verify");
  return verifyGovernance(source, {
    from: flags.from,
    to: flags.to,
    threads,
    onProgress: (progress) => write({ type: "progress", ...progress }),
  });
}

async function sourceOf(flags: Values): Promise<LedgerSource | undefined> {
  const file = flags["service-cert"];
  const certificate = file === undefined ? undefined : await readFile(file, "utf8");
  if (flags.directory !== undefined) return directorySource(flags.directory, certificate);
  if (flags.database !== true) return undefined;
  const url = process.env["CCFCTL_DATABASE_URL"];
  if (url === undefined)
    throw governanceErrors(
      "INVALID_INPUT",
      "the environment variable CCFCTL_DATABASE_URL is not set",
    );
  return databaseSource(url, certificate);
}

function threadsOf(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads > 0) return threads;
  throw governanceErrors("INVALID_INPUT", `--threads ${text} is not a number of threads`);
}

function errorLine(error: unknown): object {
  if (!isAppError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { type: "error", code: "INTERNAL", category: "internal", message };
  }
  const { code, category, message, details, hint } = error;
  return { type: "error", code, category, message, details, hint };
}

function write(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
