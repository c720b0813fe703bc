// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { RunContext } from "./figure.js";
import { type Noise, watchNoise } from "./measure/noise.js";
import type { LoadResult } from "./load/messages.js";

const ATTEMPTS_MAX = 3;
const PAUSE_MS = 2_000;

export type Windows<Name extends string> = Record<Name, () => Promise<LoadResult>>;

export interface Rounds<Name extends string> {
  readonly results: Record<Name, readonly LoadResult[]>;
  readonly noise: readonly Noise[];
}

/**
 * Runs every window once a round, in turn forwards and backwards, so that what changes on the machine
 * meets all of them alike.
 */
export async function inRounds<Name extends string>(
  { rounds, say }: Pick<RunContext, "rounds" | "say">,
  windows: Windows<Name>,
): Promise<Rounds<Name>> {
  const names = Object.keys(windows) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    LoadResult[]
  >;
  const noise: Noise[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const noticed = watchNoise();
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      results[name].push(await insist(windows[name], say));
    }
    noise.push(noticed());
    say(
      `round ${round + 1} of ${rounds}: ${names.map((name) => summary(name, results[name].at(-1))).join(", ")}`,
    );
  }
  return { results, noise };
}

/** A machine that is busy with other things may cost a node its lease; the window is then repeated. */
async function insist(
  window: () => Promise<LoadResult>,
  say: RunContext["say"],
): Promise<LoadResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await window();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error;
      say(`once more, as a window failed: ${String(error)}`);
      await sleep(PAUSE_MS);
    }
  }
}

function summary(name: string, result: LoadResult | undefined): string {
  return `${name} ${Math.round(result?.perSecond ?? NaN)}/s`;
}

/** One number of every round. */
export function column(
  results: readonly LoadResult[],
  pick: (result: LoadResult) => number,
): number[] {
  return results.map(pick);
}

/** CPU time of one operation by who spent it: our side, then the anchor's. */
export function cpuColumns(
  ours: readonly LoadResult[],
  anchor: readonly LoadResult[] = [],
): Record<string, number[]> {
  const columns: Record<string, number[]> = {};
  for (const [prefix, results] of [
    ["", ours],
    ["echo ", anchor],
  ] as const) {
    for (const name of Object.keys(results[0]?.cpuUs ?? {})) {
      const label = prefix !== "" && name === "echo" ? "echo server" : `${prefix}${name}`;
      columns[label] = results.map(({ cpuUs }) => cpuUs[name] ?? NaN);
    }
  }
  return columns;
}
