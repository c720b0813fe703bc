// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "./clock.js";
import type { OutgoingConsensus } from "./consensus.js";
import type { ChannelLimits } from "./limits.js";
import { busy, deadlineExceeded, type OutgoingRequest, unavailable } from "./requests.js";

/** What can carry messages. */
export interface Carrier {
  request(request: OutgoingRequest): void;
  send(message: OutgoingConsensus): void;
}

interface WaitingRequest {
  readonly request: OutgoingRequest;
  /** Takes it out of the room. */
  leave(): void;
}

/** A few messages that wait for a channel; more are refused, so that nothing piles up. */
export class WaitingRoom {
  readonly #peerId: string;
  readonly #clock: Clock;
  readonly #limits: Pick<ChannelLimits, "waitingConsensusMax" | "waitingRequestsMax">;
  readonly #requests = new Set<WaitingRequest>();
  #consensus: OutgoingConsensus[] = [];

  constructor(peerId: string, clock: Clock, limits: ChannelLimits) {
    this.#peerId = peerId;
    this.#clock = clock;
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#requests.size === 0 && this.#consensus.length === 0;
  }

  request(request: OutgoingRequest): void {
    if (this.#requests.size >= this.#limits.waitingRequestsMax) {
      request.reject(busy(`${this.#requests.size} requests wait for it to be established`));
      return;
    }
    const giveUp = (error: unknown): void => {
      waiting.leave();
      request.reject(error);
    };
    const cancelTimer = this.#clock.after(Math.max(0, request.deadlineAt - this.#clock.now()), () =>
      giveUp(unavailable(this.#peerId, deadlineExceeded(request.kind))),
    );
    const abort = (): void => giveUp(request.signal?.reason);
    const waiting: WaitingRequest = {
      request,
      leave: () => {
        this.#requests.delete(waiting);
        cancelTimer();
        request.signal?.removeEventListener("abort", abort);
      },
    };
    request.signal?.addEventListener("abort", abort, { once: true });
    this.#requests.add(waiting);
  }

  send(message: OutgoingConsensus): void {
    if (this.#consensus.length >= this.#limits.waitingConsensusMax) {
      message.reject(busy("a consensus message waits already for it to be established"));
      return;
    }
    this.#consensus.push(message);
  }

  /** Hands everything on. */
  release(carrier: Carrier): void {
    for (const message of this.#consensus.splice(0)) carrier.send(message);
    for (const waiting of this.#requests) {
      waiting.leave();
      carrier.request(waiting.request);
    }
  }

  /** Nothing came of it. */
  fail(error: Error): void {
    for (const message of this.#consensus.splice(0)) message.reject(error);
    for (const waiting of this.#requests) {
      waiting.leave();
      waiting.request.reject(error);
    }
  }
}
