// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../guest/constitution/", import.meta.url);
const BEFORE = ["checks.js", "tables.js"];
const AFTER = ["validate.js", "resolve.js", "apply.js"];

/** Our constitution as one module: its files one after the other, each followed by a newline. */
export function defaultConstitution(): string {
  return constitutionFiles()
    .map((file) => `${readFileSync(file, "utf8")}\n`)
    .join("");
}

/** The files in the order in which they belong together. */
export function constitutionFiles(): URL[] {
  const actions = readdirSync(new URL("actions/", FOLDER))
    .filter((name) => name.endsWith(".js"))
    .sort()
    .map((name) => `actions/${name}`);
  return [...BEFORE, ...actions, ...AFTER].map((name) => new URL(name, FOLDER));
}
