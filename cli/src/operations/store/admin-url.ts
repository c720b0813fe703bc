// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../../errors.js";
import { readInputText } from "../../input/read-input.js";

export const ADMIN_URL_VARIABLE = "CCFCTL_ADMIN_URL";

/** The connection string of who owns the database: from a file, or from the environment. It holds a password. */
export async function resolveAdminUrl(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const text = file === undefined ? environment[ADMIN_URL_VARIABLE] : await readInputText(file);
  const url = text?.trim() ?? "";
  if (url === "") {
    throw cliErrors("DATABASE_NOT_CONFIGURED", "the owner's connection string is not known", {
      hint: `Put it in a file and give --admin-url-file, or set ${ADMIN_URL_VARIABLE}; \`ccfctl store start\` writes such a file.`,
    });
  }
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  throw cliErrors(
    "INVALID_INPUT",
    `${file ?? ADMIN_URL_VARIABLE} does not hold a PostgreSQL connection string`,
    { hint: "Write it as postgres://user:password@host:5432/database." },
  );
}
