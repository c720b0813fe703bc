// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";

const FIRST_PAUSE_MS = 20;
/** Short: the lease of a database that comes back is to be confirmed before anybody else takes it. */
const PAUSE_MS_MAX = 200;

/** Growing pauses between attempts on a database that does not answer. */
export class Backoff {
  #pauseMs = FIRST_PAUSE_MS;

  /** Waits, each time longer. Rejects with the reason when aborted. */
  async pause(signal: AbortSignal): Promise<void> {
    const pauseMs = this.#pauseMs * (0.75 + Math.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX);
    await sleep(pauseMs, undefined, { signal });
  }

  reset(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
  }
}
