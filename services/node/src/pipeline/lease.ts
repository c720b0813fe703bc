// SPDX-License-Identifier: Apache-2.0
import type { GroupStore } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";

/**
 * The right to lead, as far as this process knows it: measured from the moment the renewal was
 * sent, so that it ends here no later than in the database.
 */
export class Lease {
  readonly #durationMs: number;
  #until: number;

  constructor(durationMs: number, acquiredAt: number) {
    this.#durationMs = durationMs;
    this.#until = acquiredAt + durationMs;
  }

  /** Notes a renewal that was sent at `sentAt` (of `performance.now()`) and succeeded. */
  renewed(sentAt: number): void {
    this.#until = Math.max(this.#until, sentAt + this.#durationMs);
  }

  /** Milliseconds left; negative when it ran out. */
  get remainingMs(): number {
    return this.#until - performance.now();
  }

  /** Reads and writes stop when another node may have taken the lead. */
  assertValid(): void {
    if (this.remainingMs > 0) return;
    throw nodeErrors("LEASE_EXPIRED", "the database has not confirmed this node's lease in time", {
      hint: "the database is slow or unreachable; try again, and see `ccfctl status`",
      retryAfterMs: this.#durationMs,
    });
  }

  /**
   * Renews the lease whenever a third of it has passed without a commit doing so. Ends when aborted;
   * rejects when another process has taken it.
   */
  async keep(store: GroupStore, view: number, signal: AbortSignal): Promise<void> {
    const intervalMs = this.#durationMs / 3;
    while (!signal.aborted) {
      await pause(intervalMs, signal);
      if (signal.aborted) return;
      if (this.remainingMs > this.#durationMs - intervalMs) continue;
      const sentAt = performance.now();
      const outcome = await store.renewLease(view, signal);
      if (outcome === "fenced") throw nodeErrors("NOT_PRIMARY", `view ${view} has ended`);
      this.renewed(sentAt);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
