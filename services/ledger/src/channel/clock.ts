// SPDX-License-Identifier: Apache-2.0

/** The time, as channels see it. Monotonic: steps of the wall clock must not close channels. */
export interface Clock {
  now(): number;
  /** Calls back once; the returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
