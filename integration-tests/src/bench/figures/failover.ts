// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { connectWritable } from "@consortium/kit";
import type { Cluster } from "../../harness/cluster.js";
import { startCluster } from "../cluster-rig.js";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { Acknowledgements } from "../measure/acknowledgements.js";
import { type Noise, watchNoise } from "../measure/noise.js";

const KILLS_PER_ROUND = 4;
const LEASE_S = 1;
const STORE_DOWN_MS = 5_000;
const SETTLE_MS = 500;

/** How long nobody can write when the primary crashes, or the store was away. */
export const failoverFigure: Figure = {
  name: "failover",
  about: "from SIGKILL of the primary, or the store's return, until a write is acknowledged",
  run: measure,
};

async function measure(context: RunContext): Promise<Measurement[]> {
  await using cluster = await startCluster();
  using writes = new Acknowledgements(cluster);
  const kills = await killPrimaries(cluster, writes, context);
  const store = await stopStore(cluster, writes, context);
  return [
    {
      figure: "failover",
      what: "SIGKILL of the primary of three, until the next write is acknowledged",
      unit: "s",
      values: kills.values,
      anchor: { what: "the lease", values: kills.values.map(() => LEASE_S) },
      goal: { atMost: 1.5 },
      noise: kills.noise,
    },
    {
      figure: "failover",
      what: `the store is back after ${STORE_DOWN_MS / 1000} s, until a write is acknowledged`,
      unit: "s",
      values: store.values,
      anchor: { what: "a new connection's first statement there", values: store.anchors },
      goal: { atMost: 1 },
      noise: store.noise,
    },
  ];
}

interface Taken {
  readonly values: number[];
  readonly noise: Noise[];
}

async function killPrimaries(
  cluster: Cluster,
  writes: Acknowledgements,
  context: RunContext,
): Promise<Taken> {
  const taken: Taken = { values: [], noise: [] };
  const kills = context.rounds * KILLS_PER_ROUND;
  for (let kill = 1; kill <= kills; kill += 1) {
    await writes.next();
    const victim = await cluster.primary();
    const noticed = watchNoise();
    const view = writes.view;
    const killedAt = performance.now();
    victim.process.program.signal("SIGKILL");
    const acknowledgedAt = await writes.next((one) => one > view);
    taken.values.push((acknowledgedAt - killedAt) / 1000);
    taken.noise.push(noticed());
    context.say(`kill ${kill} of ${kills}: ${Math.round(acknowledgedAt - killedAt)} ms`);
    await victim.process.program.exited;
    await victim.process.start();
    await sleep(SETTLE_MS);
  }
  return taken;
}

async function stopStore(
  { consortium: { database } }: Cluster,
  writes: Acknowledgements,
  context: RunContext,
): Promise<Taken & { anchors: number[] }> {
  const { rounds } = context;
  const taken = { values: [] as number[], noise: [] as Noise[], anchors: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    await writes.next();
    const noticed = watchNoise();
    await database.stop();
    await sleep(STORE_DOWN_MS);
    const acknowledged = writes.next();
    await database.resume();
    const backAt = performance.now();
    const first = firstStatement(database.adminUrl);
    taken.values.push(Math.max(0, (await acknowledged) - backAt) / 1000);
    taken.anchors.push(((await first) - backAt) / 1000);
    taken.noise.push(noticed());
    context.say(
      `store ${round} of ${rounds}: ${Math.round((taken.values.at(-1) ?? NaN) * 1000)} ms`,
    );
  }
  return taken;
}

async function firstStatement(url: string): Promise<number> {
  const client = await connectWritable({ url });
  await client.query("select 1");
  await client.end();
  return performance.now();
}
