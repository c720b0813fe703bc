// SPDX-License-Identifier: Apache-2.0

/** A whole number from 0 up to, and not including, the bound. */
export type Random = (bound: number) => number;

/** For tests: the same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** For tests: one of several. */
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)] as T;
}
