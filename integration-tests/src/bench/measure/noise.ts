// SPDX-License-Identifier: Apache-2.0
import { availableParallelism, loadavg } from "node:os";
import {
  cpuPressureMicroseconds,
  machineCpuMicroseconds,
  treeCpuMicroseconds,
} from "./processes.js";

/** What else went on while something was measured. */
export interface Noise {
  /** Part of the machine's CPUs that went to processes that are not ours, 0 to 1. */
  readonly otherCpuShare: number;
  /** Part of the time in which somebody, ours included, waited for a CPU, 0 to 1. */
  readonly cpuPressure: number;
  readonly loadAverage: number;
}

/** Starts to watch; call what it returns at the end. Ours is this process and what it started. */
export function watchNoise(): () => Noise {
  const startedAt = performance.now();
  const before = {
    machine: machineCpuMicroseconds(),
    ours: ownCpu(),
    waited: cpuPressureMicroseconds(),
  };
  return () => {
    const elapsedUs = (performance.now() - startedAt) * 1000;
    const others = machineCpuMicroseconds() - before.machine - (ownCpu() - before.ours);
    return {
      otherCpuShare: Math.max(0, others / (elapsedUs * availableParallelism())),
      cpuPressure: (cpuPressureMicroseconds() - before.waited) / elapsedUs,
      loadAverage: loadavg()[0] ?? NaN,
    };
  };
}

const adopted = new Set<number>();

/** Counts a process and its children as ours that is not our child: PostgreSQL. */
export function adopt(pid: number): void {
  adopted.add(pid);
}

function ownCpu(): number {
  return [process.pid, ...adopted].reduce((sum, pid) => {
    const used = treeCpuMicroseconds(pid);
    return Number.isNaN(used) ? sum : sum + used;
  }, 0);
}
