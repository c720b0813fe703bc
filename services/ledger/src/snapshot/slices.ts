// SPDX-License-Identifier: Apache-2.0
import { setImmediate } from "node:timers/promises";

/** How long a slice of a long task may keep the event loop. */
const SLICE_MS = 4;

/**
 * Cuts a long task into slices: call {@link isOver} often and, when it says so, await
 * {@link next}. Requests and heartbeats go on in between.
 */
export class Slices {
  readonly #signal: AbortSignal | undefined;
  #startedAt = performance.now();

  constructor(signal?: AbortSignal) {
    signal?.throwIfAborted();
    this.#signal = signal;
  }

  get isOver(): boolean {
    return performance.now() - this.#startedAt >= SLICE_MS;
  }

  /** Lets everything else have its turn. Throws when the task was aborted. */
  async next(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#startedAt = performance.now();
  }
}
