// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { cliErrors } from "../errors.js";

/** Never overwrites. */
export async function writeNewFile(file: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(file, text, { mode, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw cliErrors("FILE_EXISTS", `${file} would be overwritten`, {
      details: { file },
      hint: "Name a new file, or move the old one away.",
    });
  }
}
