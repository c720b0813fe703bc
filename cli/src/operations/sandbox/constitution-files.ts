// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { cliErrors } from "../../errors.js";
import { serviceEntryPoint } from "../node/service-process.js";

/** What the constitution exports comes last, after everything it uses. */
const EXPORTS = ["validate.js", "resolve.js", "apply.js"];

/** The files of our own constitution, which the governance service brings along, in their order. */
export function constitutionFiles(): string[] {
  const room = dirname(dirname(serviceEntryPoint("governance")));
  const folder = join(room, "guest", "constitution");
  if (!existsSync(folder)) {
    throw cliErrors("NOT_BUILT", "the constitution of the governance service is missing", {
      details: { folder },
      hint: "Get the repository whole: `git status` tells what is missing.",
    });
  }
  const shared = scriptsIn(folder).filter((name) => !EXPORTS.includes(name));
  const actions = scriptsIn(join(folder, "actions")).map((name) => join("actions", name));
  return [...shared, ...actions, ...EXPORTS].map((name) => join(folder, name));
}

function scriptsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .sort();
}
