// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";
import type { ChannelLimits } from "./limits.js";

/** Sees from the clock alone when a stream is of no use any more. */
export class LinkWatch {
  readonly #limits: Pick<ChannelLimits, "idleCloseMs" | "stallMs" | "handshakeTimeoutMs">;
  readonly #now: () => number;
  #trafficAt: number;
  #writingSince: number | undefined;
  #exchangingSince: number | undefined;
  #heldSince: number | undefined;

  constructor(limits: ChannelLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#trafficAt = now();
  }

  received(): void {
    this.#trafficAt = this.#now();
  }

  writing(): void {
    this.#writingSince = this.#now();
  }

  written(): void {
    this.#writingSince = undefined;
    this.#trafficAt = this.#now();
  }

  /** Why the stream is to be closed now, if it is. */
  verdict(link: { exchanging: boolean; quiet: boolean; held: boolean }): Error | undefined {
    const now = this.#now();
    const { idleCloseMs, stallMs, handshakeTimeoutMs } = this.#limits;
    this.#exchangingSince = link.exchanging ? (this.#exchangingSince ?? now) : undefined;
    if (now - (this.#exchangingSince ?? now) >= handshakeTimeoutMs) return handshakeTimeout();
    if (now - (this.#writingSince ?? now) >= stallMs) {
      return channelErrors("CHANNEL_PEER_STALLED", "the peer takes no more bytes");
    }
    this.#heldSince = link.held ? (this.#heldSince ?? now) : undefined;
    if (now - (this.#heldSince ?? now) >= stallMs) {
      return channelErrors("CHANNEL_KEYS_EXHAUSTED", "the keys are used up and were not renewed");
    }
    if (link.quiet && now - this.#trafficAt >= idleCloseMs) {
      return channelErrors("CHANNEL_CLOSED", "the channel was idle");
    }
    return undefined;
  }
}

export function handshakeTimeout(): Error {
  return channelErrors(
    "CHANNEL_HANDSHAKE_TIMEOUT",
    "the peer did not finish the key exchange in time",
  );
}
