// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";

/* Linux counts CPU time in ticks of 10 ms, whatever the kernel's own tick is. Other systems have no
   /proc: what comes from here is then not a number, and is left out of the table. */
const MICROSECONDS_PER_TICK = 10_000;
const PAGE_BYTES = 4096;

/** User and system time of a process and of the threads it has had, in microseconds. */
export function cpuMicroseconds(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields?.[11]) + Number(fields?.[12])) * MICROSECONDS_PER_TICK;
}

/** The same over a process and its children, for example PostgreSQL's. Those that ended are missing. */
export function treeCpuMicroseconds(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => {
    const used = cpuMicroseconds(each);
    // One that ended meanwhile.
    return Number.isNaN(used) && each !== pid ? sum : sum + used;
  }, 0);
}

/** Memory of a process that is in RAM now. */
export function residentMegabytes(pid: number): number {
  return (Number(statOf(pid)?.[21]) * PAGE_BYTES) / (1024 * 1024);
}

/** All CPU time that anybody on this machine has used, in microseconds. */
export function machineCpuMicroseconds(): number {
  const [line = ""] = readText("/proc/stat").split("\n");
  const [user, nice, system, _idle, _wait, irq, softIrq] = line.split(/\s+/).slice(1).map(Number);
  const parts = [user, nice, system, irq, softIrq].map((part) => part ?? NaN);
  return parts.reduce((sum, part) => sum + part, 0) * MICROSECONDS_PER_TICK;
}

/** Microseconds in which somebody waited for a CPU, since the start of the machine. */
export function cpuPressureMicroseconds(): number {
  return Number(/^some .* total=(\d+)$/m.exec(readText("/proc/pressure/cpu"))?.[1]);
}

/** The fields after the name of the program, which may hold anything; the state is field 0. */
function statOf(pid: number): string[] | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && statOf(Number(name))?.[1] === String(pid))
      .map(Number);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
