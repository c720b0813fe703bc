// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { cliErrors } from "../../errors.js";
import { serviceEntryPoint } from "../node/service-process.js";

/** The files of our own constitution, which the governance service brings along. */
export function constitutionFiles(): string[] {
  const folder = join(dirname(dirname(serviceEntryPoint("governance"))), "constitution");
  if (!existsSync(folder)) {
    throw cliErrors("NOT_BUILT", "the constitution of the governance service is missing", {
      hint: "Run `npm run build`.",
    });
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .sort()
    .map((name) => join(folder, name));
}
