// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { residentMegabytes } from "../measure/processes.js";
import { Rig } from "../rig.js";

const SETTLE_MS = 5_000;
const BETWEEN_MS = 1_000;
const GOAL = { atMost: 150 } as const;

/** Resident memory of processes that were started, opened and then left alone. */
export const memoryFigure: Figure = {
  name: "memory",
  about: "resident memory of the idle processes of an open consortium",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  await using rig = await Rig.start();
  const echo = await context.rigs.echo();
  const { consortium } = rig;
  const [echoPid = 0] = echo.watch.map(({ pid }) => pid);
  await sleep(SETTLE_MS);
  const samples = { node: [], governance: [], recovery: [], echo: [] } as Record<string, number[]>;
  for (let round = 0; round < context.rounds; round += 1) {
    await sleep(BETWEEN_MS);
    samples["echo"]?.push(residentMegabytes(echoPid));
    for (const service of ["node", "governance", "recovery"] as const) {
      samples[service]?.push(residentMegabytes(consortium[service].program.pid));
    }
  }
  const anchor = { what: "bare gRPC echo server", values: samples["echo"] ?? [] };
  const line = (service: string): Measurement => ({
    figure: "memory",
    what: `resident memory of an idle ${service} process`,
    unit: "MB",
    values: samples[service] ?? [],
    anchor,
    ...(service === "node" ? { goal: GOAL } : {}),
  });
  return ["node", "governance", "recovery"].map(line);
}
