// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "./clock.js";
import { channelErrors } from "./errors.js";
import type { ChannelLimits } from "./limits.js";

/** A stream that someone opened and has not proved yet who it is. */
export interface Admission {
  /** Aborted when the stream must go. */
  readonly signal: AbortSignal;
  /** The peer has proved itself, or the stream is gone. */
  readonly leave: () => void;
}

/**
 * Strangers can open streams, so these are few and short-lived. The oldest gives way: a node of the
 * service needs milliseconds to prove itself, and many strangers at once cannot keep it out.
 */
export class UnprovenStreams {
  readonly #clock: Clock;
  readonly #limits: Pick<ChannelLimits, "unprovenStreamsMax" | "handshakeTimeoutMs">;
  readonly #evictions = new Set<() => void>();

  constructor(clock: Clock, limits: ChannelLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  admit(): Admission {
    const controller = new AbortController();
    const leave = (): void => {
      stopTimer();
      this.#evictions.delete(evict);
    };
    const evict = (): void => {
      leave();
      controller.abort(
        channelErrors("CHANNEL_HANDSHAKE_TIMEOUT", "the peer did not prove in time who it is"),
      );
    };
    const stopTimer = this.#clock.after(this.#limits.handshakeTimeoutMs, evict);
    this.#evictions.add(evict);
    const [oldest] = this.#evictions;
    if (this.#evictions.size > this.#limits.unprovenStreamsMax) oldest?.();
    return { signal: controller.signal, leave };
  }

  close(): void {
    for (const evict of this.#evictions) evict();
  }
}
