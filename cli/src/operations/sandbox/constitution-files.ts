// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { cliErrors } from "../../errors.js";
import { serviceEntryPoint } from "../node/service-process.js";

/** The files of our own constitution, which the governance service brings along, in their order. */
export function constitutionFiles(): string[] {
  const room = dirname(dirname(serviceEntryPoint("governance")));
  const folder = join(room, "constitution");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith(".js")).sort();
  if (files.length > 0) return files.map((name) => join(folder, name));
  throw cliErrors("NOT_BUILT", "the constitution of the governance service is missing", {
    details: { folder },
    hint: "Get the repository whole: `git status` tells what is missing.",
  });
}
