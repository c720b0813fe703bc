// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import type { ContextFile } from "./context.js";
import { loadContextFiles, type ContextPlaces, writeContextFile } from "./context-files.js";
import { contextNotFound } from "./resolve-context.js";

/**
 * Makes a context the current one. It is written where the next look-up looks first, so a local
 * sandbox does not silently win over the choice.
 */
export async function selectContext(
  name: string,
  places: ContextPlaces,
): Promise<{ file: string }> {
  const files = await loadContextFiles(places);
  const nearest = files[0];
  if (nearest === undefined || !files.some((file) => Object.hasOwn(file.contexts, name))) {
    throw contextNotFound(name, files);
  }
  // The text is read again to keep its relative file names as they were written.
  const content = JSON.parse(await readFile(nearest.file, "utf8")) as ContextFile;
  await writeContextFile(nearest.file, { ...content, current: name });
  return { file: nearest.file };
}
