// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { chooseAddresses, nodeConfig } from "../../harness/consortium-config.js";
import { Database } from "../../harness/database.js";
import { createMember, type Member } from "../../harness/participants.js";
import { ServiceProcess } from "../../harness/service-process.js";
import { temporaryFolder } from "../../harness/temporary-folder.js";
import type { Figure, Measurement, RunContext } from "../figure.js";
import { type Noise, watchNoise } from "../measure/noise.js";

/** From the start of the process to "ready": a new service, and one that goes on. */
export const startFigure: Figure = {
  name: "start",
  about: "a node from its start until it is ready, for a new service and again",
  run: measure,
};

const GOAL = { atMost: 1.5 } as const;

interface Round {
  readonly empty: number;
  readonly first: number;
  readonly again: number;
}

async function measure(context: RunContext): Promise<Measurement[]> {
  await using folder = await temporaryFolder("bench-start");
  const keys = folder.join("keys");
  await mkdir(keys);
  const members = await Promise.all(["a", "b", "c"].map((name) => createMember(keys, name)));
  const rounds: Round[] = [];
  const noise: Noise[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    const noticed = watchNoise();
    rounds.push(await startTwice(folder.join(`round${round}`), members));
    noise.push(noticed());
    context.say(`round ${round + 1} of ${context.rounds}`);
  }
  const anchor = {
    what: "an empty Node.js program, from start to end",
    values: rounds.map(({ empty }) => empty),
  };
  const common = { figure: "start", unit: "s", anchor, goal: GOAL, noise } as const;
  return [
    {
      ...common,
      what: "a node starts a new service, until ready",
      values: rounds.map(({ first }) => first),
    },
    {
      ...common,
      what: "a node starts again, until ready",
      values: rounds.map(({ again }) => again),
    },
  ];
}

async function startTwice(folder: string, members: readonly Member[]): Promise<Round> {
  await mkdir(folder);
  await using database = await Database.start(`${folder}/postgres`);
  await using node = await ServiceProcess.prepare("node", `${folder}/node`, {
    config: nodeConfig(await chooseAddresses(), members),
    storeUrl: database.urls.ledger,
  });
  const empty = await seconds(async () => {
    await once(spawn(process.execPath, ["--input-type=module", "--eval", ""]), "exit");
  });
  const first = await seconds(() => node.start());
  await node.stop();
  const again = await seconds(() => node.start());
  await node.stop();
  return { empty, first, again };
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return (performance.now() - startedAt) / 1000;
}
