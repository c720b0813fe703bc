// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { readInputText } from "../input/read-input.js";
import type { ContextFile } from "./context.js";
import { parseContextFile } from "./parse-context-file.js";

/** The folder of a local sandbox; its contexts are found from every folder below its parent. */
export const SANDBOX_FOLDER = ".sandbox";
export const CONTEXT_FILE = "contexts.json";

export interface ContextPlaces {
  /** Where the search for a local file begins. */
  directory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Exactly this file, which must exist, and no other. */
  file?: string;
}

export interface LoadedContextFile extends ContextFile {
  file: string;
}

/** The files that exist, nearest first: the sandbox of this folder or of one above, then the user's. */
export async function loadContextFiles(places: ContextPlaces): Promise<LoadedContextFile[]> {
  const { directory, environment, file: only } = places;
  if (only !== undefined) {
    return [{ ...parseContextFile(await readInputText(only), only), file: only }];
  }
  const loaded: LoadedContextFile[] = [];
  for (const file of [findLocalFile(directory), userContextFile(environment)]) {
    if (file === undefined || !existsSync(file)) continue;
    loaded.push({ ...parseContextFile(await readFile(file, "utf8"), file), file });
  }
  return loaded;
}

export function userContextFile(environment: ContextPlaces["environment"]): string {
  const configured = environment["XDG_CONFIG_HOME"];
  const base =
    configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".config");
  return join(base, "ccfctl", CONTEXT_FILE);
}

/** Replaces the file in one step; it may name a database, so only its owner may read it. */
export async function writeContextFile(file: string, content: ContextFile): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { contexts } = content;
  const ordered =
    content.current === undefined ? { contexts } : { current: content.current, contexts };
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(ordered, undefined, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

function findLocalFile(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const candidate = join(folder, SANDBOX_FOLDER, CONTEXT_FILE);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}
