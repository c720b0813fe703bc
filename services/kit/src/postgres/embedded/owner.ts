// SPDX-License-Identifier: Apache-2.0
import { readFile, rename, writeFile } from "node:fs/promises";
import { isAlive } from "./postmaster.js";

/** The process that answers for a running server and will stop it. */
interface Owner {
  pid: number;
  /** Tells the process from a later one with the same id; empty where the system does not say. */
  startedAt: string;
}

export async function writeOwner(file: string): Promise<void> {
  await writeFile(`${file}.${process.pid}`, await ownerText());
  await rename(`${file}.${process.pid}`, file);
}

export async function ownerText(): Promise<string> {
  const owner: Owner = { pid: process.pid, startedAt: await startOf(process.pid) };
  return JSON.stringify(owner);
}

/** True if another living process answers for the server. */
export async function hasOtherOwner(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return false;
  const owner = parseOwner(text);
  if (owner === undefined || owner.pid === process.pid || !isAlive(owner.pid)) return false;
  return owner.startedAt === (await startOf(owner.pid));
}

export function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    if (!Number.isSafeInteger(owner?.pid) || typeof owner?.startedAt !== "string") return undefined;
    return owner.pid === undefined || owner.pid <= 0
      ? undefined
      : ({ ...owner, pid: owner.pid } as Owner);
  } catch {
    return undefined;
  }
}

/** The start time in ticks since boot: field 22 of Linux's stat line, counted after the command's parenthesis. */
async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
