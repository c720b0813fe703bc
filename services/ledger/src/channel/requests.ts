// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";
import type { Clock } from "./clock.js";
import type { SessionHeader } from "./frames.js";
import type { ChannelLimits } from "./limits.js";
import type { OutgoingFrame } from "./outbox.js";
import { decodeFailure, decodeRequest, encodeFailure, encodeRequest } from "./request-message.js";

/** A request on its way to whoever can send it. */
export interface OutgoingRequest {
  readonly kind: string;
  readonly payload: Uint8Array;
  /** By the channel's clock. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
  resolve(response: Uint8Array): void;
  reject(error: unknown): void;
}

export type RequestHandler = (
  peerId: string,
  payload: Uint8Array,
  signal: AbortSignal,
) => Promise<Uint8Array>;

export interface RequestsOptions {
  readonly peerId: string;
  readonly clock: Clock;
  readonly limits: Pick<
    ChannelLimits,
    "requestsInFlightMax" | "requestBytesInFlightMax" | "requestBytesMax"
  >;
  readonly handlerOf: (kind: string) => RequestHandler | undefined;
  readonly onUnexpected: (error: unknown, reference: string) => void;
  /** A request of this node got no answer in time. */
  readonly onSilence: () => void;
  /** Puts a frame into the outbox, to be encrypted under this header. */
  readonly send: (
    header: SessionHeader,
    plaintext: Uint8Array,
    events?: Pick<OutgoingFrame, "claim" | "written" | "dropped">,
  ) => void;
}

interface InFlight {
  /** It was handed to the transport: the peer may have it. */
  sent: boolean;
  settle(outcome: { response: Uint8Array } | { error: unknown }): void;
}

/** The requests between two nodes over one stream: those of this node, and those of the peer. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #own = new Map<number, InFlight>();
  readonly #handling = new Map<number, AbortController>();
  #ownBytes = 0;
  #handlingBytes = 0;
  #lastId = 0;
  #lastPeerId = 0;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Requests without an answer, in either direction. */
  get open(): number {
    return this.#own.size + this.#handling.size;
  }

  /** Sends a request and settles it, whatever happens. */
  start(request: OutgoingRequest): void {
    const { clock, limits, send, onSilence } = this.#options;
    const bytes = request.payload.length;
    if (
      this.#own.size >= limits.requestsInFlightMax ||
      (this.#own.size > 0 && this.#ownBytes + bytes > limits.requestBytesInFlightMax)
    ) {
      request.reject(busy(`${this.#own.size} requests to this node are unanswered`));
      return;
    }
    const id = (this.#lastId += 1);
    const cancelTimer = clock.after(Math.max(0, request.deadlineAt - clock.now()), () => {
      giveUp(deadlineExceeded(request.kind));
      onSilence();
    });
    const abort = (): void => giveUp(request.signal?.reason);
    const settle: InFlight["settle"] = (outcome) => {
      if (!this.#own.delete(id)) return;
      this.#ownBytes -= bytes;
      cancelTimer();
      request.signal?.removeEventListener("abort", abort);
      if ("response" in outcome) request.resolve(outcome.response);
      else request.reject(outcome.error);
    };
    const inFlight: InFlight = { sent: false, settle };
    const giveUp = (error: unknown): void => {
      if (!this.#own.has(id)) return;
      settle({ error });
      send({ step: "cancel", id }, new Uint8Array());
    };
    this.#own.set(id, inFlight);
    this.#ownBytes += bytes;
    request.signal?.addEventListener("abort", abort, { once: true });
    send({ step: "request", id }, encodeRequest(request.kind, request.payload), {
      claim: () => (inFlight.sent = true),
    });
  }

  /** Takes a decrypted forwarded frame of the peer. */
  receive({ step, id }: SessionHeader, plaintext: Uint8Array): void {
    switch (step) {
      case "request":
        this.#handle(id, plaintext);
        return;
      case "cancel":
        this.#handling.get(id)?.abort();
        return;
      case "response":
      case "failure":
        this.#answered(id, step, plaintext);
    }
  }

  /** The stream is gone: what was sent has an unknown outcome, what was not can be sent again. */
  close(reason: Error): void {
    for (const inFlight of this.#own.values()) {
      const { sent } = inFlight;
      inFlight.settle({
        error: sent ? lost(reason) : unavailable(this.#options.peerId, reason),
      });
    }
    for (const controller of this.#handling.values()) controller.abort(reason);
    this.#handling.clear();
  }

  #answered(id: number, step: "response" | "failure", plaintext: Uint8Array): void {
    const inFlight = this.#own.get(id);
    if (inFlight === undefined) {
      if (id === 0 || id > this.#lastId) throw unasked(id);
      // It was given up meanwhile.
      return;
    }
    if (step === "response") inFlight.settle({ response: plaintext });
    else inFlight.settle({ error: decodeFailure(plaintext) });
  }

  #handle(id: number, plaintext: Uint8Array): void {
    if (id !== this.#lastPeerId + 1) {
      throw channelErrors(
        "CHANNEL_UNEXPECTED_FRAME",
        `request ${id} came after ${this.#lastPeerId}`,
      );
    }
    this.#lastPeerId = id;
    const { kind, payload } = decodeRequest(plaintext);
    const { limits, handlerOf } = this.#options;
    const handler = handlerOf(kind);
    if (handler === undefined) {
      this.#fail(id, kindUnknown(kind));
    } else if (
      this.#handling.size >= limits.requestsInFlightMax ||
      (this.#handling.size > 0 &&
        this.#handlingBytes + payload.length > limits.requestBytesInFlightMax)
    ) {
      this.#fail(id, busy(`${this.#handling.size} requests of this node are being handled`));
    } else {
      void this.#run(id, handler, payload);
    }
  }

  async #run(id: number, handler: RequestHandler, payload: Uint8Array): Promise<void> {
    const { peerId, limits, send } = this.#options;
    const controller = new AbortController();
    this.#handling.set(id, controller);
    this.#handlingBytes += payload.length;
    // Counted until the answer is with the transport: a peer that reads slowly gets busy, not memory.
    const done = (): void => {
      this.#handling.delete(id);
      this.#handlingBytes -= payload.length;
    };
    try {
      const response = await handler(peerId, payload, controller.signal);
      if (response.length > limits.requestBytesMax) throw tooLarge(response.length, limits);
      send({ step: "response", id }, response, { written: done, dropped: done });
    } catch (error) {
      this.#fail(id, error, done);
    }
  }

  #fail(id: number, error: unknown, done: () => void = () => undefined): void {
    const failure = encodeFailure(error, this.#options.onUnexpected);
    this.#options.send({ step: "failure", id }, failure, { written: done, dropped: done });
  }
}

export function deadlineExceeded(kind: string): Error {
  return channelErrors("CHANNEL_DEADLINE_EXCEEDED", `no answer to ${kind} before its deadline`, {
    hint: "whether it took effect is unknown; ask before sending it again",
  });
}

export function unavailable(peerId: string, cause: unknown): Error {
  return channelErrors("CHANNEL_UNAVAILABLE", `there is no channel to node ${peerId}`, {
    cause,
    details: { node_id: peerId },
    hint: "nothing was sent; try again, or another node",
  });
}

export function lost(cause: unknown): Error {
  return channelErrors("CHANNEL_LOST", "the channel was cut before the answer came", {
    cause,
    hint: "whether it took effect is unknown; ask before sending it again",
  });
}

export function busy(reason: string): Error {
  return channelErrors("CHANNEL_BUSY", `the channel takes no more now: ${reason}`, {
    hint: "try again in a moment",
    retryAfterMs: 100,
  });
}

export function tooLarge(
  bytes: number,
  { requestBytesMax }: Pick<ChannelLimits, "requestBytesMax">,
): Error {
  return channelErrors(
    "CHANNEL_MESSAGE_TOO_LARGE",
    `the message has ${bytes} bytes, the channel takes ${requestBytesMax}`,
  );
}

function kindUnknown(kind: string): Error {
  return channelErrors("CHANNEL_KIND_UNKNOWN", `the node does not serve ${JSON.stringify(kind)}`, {
    hint: "run the same release on both nodes, and check the role of the node that was asked",
  });
}

function unasked(id: number): Error {
  return channelErrors("CHANNEL_UNEXPECTED_FRAME", `an answer came to request ${id}, never sent`);
}
