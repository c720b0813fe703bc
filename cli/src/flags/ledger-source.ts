// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import type { Context } from "../context/index.js";
import type { AuditedLedger } from "../operations/audit/audit-process.js";
import { DATABASE_URL_VARIABLE, resolveDatabaseUrl } from "../operations/ledger/database-url.js";

/** How a command that reads a whole ledger is told which. */
export const ledgerSourceFlags = {
  "database-url": Flags.string({
    helpValue: "URL",
    description:
      "read the store instead of a folder: PostgreSQL connection string without a password",
  }),
  "service-cert": Flags.string({
    helpValue: "FILE",
    description: "service certificate from a source you trust (PEM) [default: the context's]",
  }),
};

/** The folder that is named, else the store of the flag, the environment or the context. */
export function resolveLedger(
  directory: string | undefined,
  databaseUrl: string | undefined,
  context: Context,
): AuditedLedger {
  if (directory !== undefined) return { directory };
  return { databaseUrl: resolveDatabaseUrl(databaseUrl, process.env, context) };
}

/** The same for a command that can do without. */
export function resolveLedgerIfAny(
  directory: string | undefined,
  databaseUrl: string | undefined,
  context: Context,
): AuditedLedger | undefined {
  const isNamed =
    directory !== undefined ||
    databaseUrl !== undefined ||
    process.env[DATABASE_URL_VARIABLE] !== undefined ||
    context.databaseUrl !== undefined;
  return isNamed ? resolveLedger(directory, databaseUrl, context) : undefined;
}
