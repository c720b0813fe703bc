// SPDX-License-Identifier: Apache-2.0
import type { RunContext } from "./figure.js";
import { type Noise, watchNoise } from "./measure/noise.js";
import type { LoadResult } from "./load/messages.js";

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
      results[name].push(await windows[name]());
    }
    noise.push(noticed());
    say(
      `round ${round + 1} of ${rounds}: ${names.map((name) => summary(name, results[name].at(-1))).join(", ")}`,
    );
  }
  return { results, noise };
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
