// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { readInputText } from "../../input/read-input.js";

/** The files joined as a node joins them at its start: each followed by a newline. */
export async function readConstitution(files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((file) => readInputText(file)));
  return texts.map((text) => `${text}\n`).join("");
}

export function constitutionDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
