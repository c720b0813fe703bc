// SPDX-License-Identifier: Apache-2.0
import type { Context } from "../../context/index.js";
import { cliErrors } from "../../errors.js";

export const DATABASE_URL_VARIABLE = "CCFCTL_DATABASE_URL";

/** The flag, the environment, the context: in this order. What is on a command line, everyone on the machine can read. */
export function resolveDatabaseUrl(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  context: Context,
): string {
  if (flag !== undefined && hasPassword(flag)) {
    throw cliErrors(
      "SECRET_ON_COMMAND_LINE",
      "--database-url contains a password, which every user of this machine could read",
      {
        hint: `Put the connection string in the environment variable ${DATABASE_URL_VARIABLE}, or leave the password out and use PGPASSWORD or a .pgpass file.`,
      },
    );
  }
  const url = flag ?? environment[DATABASE_URL_VARIABLE] ?? context.databaseUrl;
  if (url !== undefined) return url;
  throw cliErrors("DATABASE_NOT_CONFIGURED", "no database is known to read the ledger from", {
    hint: `Set ${DATABASE_URL_VARIABLE}, give --database-url, or choose a context with a database.`,
  });
}

function hasPassword(url: string): boolean {
  return (
    /^[a-z]+:\/\/[^/?#@]*:[^/?#@]+@/i.test(url) ||
    /[?&]password=/i.test(url) ||
    /\bpassword\s*=/i.test(url)
  );
}
