// SPDX-License-Identifier: Apache-2.0
import { type ProcessName, PROGRAM_OF, type SandboxLayout } from "./layout.js";
import { findProcess, startProcess } from "./processes.js";
import type { Reporter } from "./reporter.js";
import { addressOf, type SandboxState } from "./state.js";
import { waitUntilReady } from "./wait-ready.js";

/** Starts the processes that do not run, and waits until all serve. */
export async function startServices(
  layout: SandboxLayout,
  state: SandboxState,
  report: Reporter,
): Promise<void> {
  await startService(layout, state, report, "node0", "The ledger node starts");
  await Promise.all([
    startService(layout, state, report, "governance0", "The governance node joins"),
    startService(layout, state, report, "recovery0", "The recovery node joins"),
  ]);
}

async function startService(
  layout: SandboxLayout,
  state: SandboxState,
  report: Reporter,
  name: ProcessName,
  title: string,
): Promise<void> {
  const address = addressOf(state, name);
  const running = await findProcess(layout, name);
  if (running !== undefined) {
    await waitUntilReady(layout, name, address);
    return;
  }
  report.step(
    title,
    `ccfctl ${PROGRAM_OF[name]} start --config ${layout.show(layout.configOf(name))}`,
  );
  const started = await startProcess(layout, name);
  await waitUntilReady(layout, name, address, started);
  report.fact(`${name} serves on ${address}, process ${started.pid}`);
}
