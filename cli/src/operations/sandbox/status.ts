// SPDX-License-Identifier: Apache-2.0
import { PROCESSES, type ProcessName, sandboxLayout } from "./layout.js";
import { findProcess } from "./processes.js";
import { addressOf, requireState } from "./state.js";
import { isListening } from "./wait-ready.js";

export interface SandboxStatusResult {
  directory: string;
  /** All processes run. */
  running: boolean;
  processes: {
    name: ProcessName;
    pid: number | null;
    address: string;
    serving: boolean;
    log: string;
  }[];
}

export async function sandboxStatus(directory: string): Promise<SandboxStatusResult> {
  const layout = sandboxLayout(directory);
  const state = await requireState(layout);
  const processes = await Promise.all(
    PROCESSES.map(async (name) => {
      const address = addressOf(state, name);
      const pid = await findProcess(layout, name);
      const serving = pid !== undefined && (await isListening(address));
      return { name, pid: pid ?? null, address, serving, log: layout.logOf(name) };
    }),
  );
  return { directory: layout.root, running: processes.every(({ serving }) => serving), processes };
}
