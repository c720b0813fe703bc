// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { cliErrors } from "../errors.js";

/** Nothing that is signed or stored is larger; a mistyped file name should not fill the memory. */
const INPUT_BYTES_MAX = 64 * 1024 * 1024;

/** The bytes of a file, or of standard input for `-`. */
export async function readInput(source: string): Promise<Buffer> {
  if (source === "-") return readStandardInput();
  try {
    return await readFile(source);
  } catch (cause) {
    const reason =
      cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    throw cliErrors("FILE_NOT_READABLE", `cannot read ${source} (${reason})`, {
      details: { file: source },
      hint: "Check the file name and its permissions.",
      cause,
    });
  }
}

export async function readInputText(source: string): Promise<string> {
  return (await readInput(source)).toString("utf8");
}

/** Reads JSON and says which source was wrong. */
export async function readInputJson(source: string): Promise<unknown> {
  return parseJsonInput(await readInputText(source), source === "-" ? "standard input" : source);
}

export function parseJsonInput(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unknown reason";
    throw cliErrors("INVALID_INPUT", `${what} is not JSON: ${reason}`, {
      details: { source: what },
      cause,
    });
  }
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (bytes > INPUT_BYTES_MAX) {
      throw cliErrors("INVALID_INPUT", `standard input is larger than ${INPUT_BYTES_MAX} bytes`);
    }
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}
