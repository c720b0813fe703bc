// SPDX-License-Identifier: Apache-2.0
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { fdatasyncMs } from "./measure/fdatasync.js";
import { tmpdir } from "node:os";

/** What the numbers were taken on. */
export interface Environment {
  readonly date: string;
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly fdatasyncMs: number;
  readonly rounds: number;
  readonly seconds: number;
}

export function readEnvironment(rounds: number, seconds: number): Environment {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    system: `${type()} ${release()}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    fdatasyncMs: fdatasyncMs(tmpdir()),
    rounds,
    seconds,
  };
}

export function describeEnvironment(environment: Environment): string {
  const { cores, cpu, memoryGb, system, node } = environment;
  const sync = environment.fdatasyncMs.toFixed(2);
  return (
    `${environment.date}, ${cores} × ${cpu}, ${memoryGb} GB, ${system}, Node ${node}, ` +
    `fdatasync of 8 kB ${sync} ms; medians of ${environment.rounds} rounds [min–max]`
  );
}
