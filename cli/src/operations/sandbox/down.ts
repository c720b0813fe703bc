// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { stopEmbeddedPostgres } from "@consortium/kit/postgres";
import { PROCESSES, type ProcessName, sandboxLayout } from "./layout.js";
import { stopProcess } from "./processes.js";
import { requireState } from "./state.js";

export interface SandboxDownResult {
  directory: string;
  /** What ran and was stopped. */
  stopped: (ProcessName | "postgres")[];
}

/** Stops every process of a sandbox; its data stays. */
export async function sandboxDown(directory: string): Promise<SandboxDownResult> {
  const layout = sandboxLayout(directory);
  await requireState(layout);
  const stopped: SandboxDownResult["stopped"] = [];
  // The ledger node last: the others say farewell to it.
  for (const name of PROCESSES.toReversed()) {
    if (await stopProcess(layout, name)) stopped.push(name);
  }
  if (existsSync(layout.postgres) && (await stopEmbeddedPostgres(layout.postgres)))
    stopped.push("postgres");
  return { directory: layout.root, stopped };
}
