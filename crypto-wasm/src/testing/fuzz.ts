// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Random, seededRandom } from "./random.js";

export interface FuzzOptions {
  /** How many cases; `FUZZ_SCALE=0.01` makes it a hundredth. */
  readonly cases: number;
  /** No case may take longer. Generous: that the machine is busy is no fault of a decoder. */
  readonly caseMsMax?: number;
  /** What the process may hold more of at the end than after a tenth of the cases. */
  readonly growthBytesMax?: number;
}

/**
 * For tests: makes and judges many cases, each of the next numbers of the seed, and answers how often
 * each outcome was seen. Throws as soon as `judge` throws, or a case hangs, and naming what repeats
 * it; and when memory has grown at the end.
 */
export async function fuzz(
  t: Pick<TestContext, "diagnostic">,
  options: FuzzOptions,
  judge: (random: Random, index: number) => string | Promise<string>,
): Promise<Map<string, number>> {
  const cases = Math.ceil(options.cases * Number(process.env["FUZZ_SCALE"] ?? 1));
  const seed = Number(process.env["FUZZ_SEED"] ?? 1);
  const outcomes = new Map<string, number>();
  let before = 0;
  let slowestMs = 0;
  for (let index = 0; index < cases; index += 1) {
    if (index === Math.floor(cases / 10)) before = await memoryBytes();
    const start = performance.now();
    let outcome: string;
    try {
      const judged = judge(seededRandom(seed * 0x9e3779b1 + index), index);
      outcome = typeof judged === "string" ? judged : await judged;
    } catch (cause) {
      throw new Error(`case ${index} of FUZZ_SEED=${seed} failed: ${String(cause)}`, { cause });
    }
    slowestMs = Math.max(slowestMs, performance.now() - start);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const grownBytes = (await memoryBytes()) - before;
  const seen = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(", ");
  t.diagnostic(
    `${cases} cases: ${seen}; slowest ${slowestMs.toFixed(1)} ms, grown by ${Math.round(grownBytes / 1024)} kB`,
  );
  const { caseMsMax = 10_000, growthBytesMax = 16 * 1024 ** 2 } = options;
  assert.ok(slowestMs < caseMsMax, `a case took ${slowestMs} ms`);
  assert.ok(grownBytes < growthBytesMax, `memory grew by ${grownBytes} bytes`);
  return outcomes;
}

/** What is reachable, and what buffers and WebAssembly hold outside of the heap. */
async function memoryBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round += 1) {
    collect();
    // Finalisers run between turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
