// SPDX-License-Identifier: Apache-2.0
import { Flags } from "@oclif/core";
import type { Context } from "../context/index.js";
import type { AuditedLedger } from "../operations/audit/audit-process.js";
import { resolveDatabaseUrl } from "../operations/ledger/database-url.js";

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
