// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../constitution/", import.meta.url);

/** Our constitution as one module: its files one after the other, each followed by a newline. */
export function defaultConstitution(): string {
  return constitutionFiles()
    .map((file) => `${readFileSync(file, "utf8")}\n`)
    .join("");
}

/** Its files in the order of their names: each builds only on those before it. */
export function constitutionFiles(): URL[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".js"))
    .sort()
    .map((name) => new URL(name, FOLDER));
}
