// SPDX-License-Identifier: Apache-2.0
import { refuseMalformed } from "./malformed.js";

/** What is needed of a call on which the client streams. */
export interface RequestSource {
  on(event: "data", listener: (request: unknown) => void): unknown;
  on(event: "end" | "close", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  isPaused(): boolean;
}

/** Requests that may wait to be taken before the client is slowed down. */
const WAITING_MAX = 16;

interface Taker<Request> {
  resolve(result: IteratorResult<Request, undefined>): void;
  reject(error: unknown): void;
}

/**
 * The requests of a call in order, read no faster than they are taken.
 *
 * NOTE: Node's own iterator of a stream does not do. It destroys the call as soon as the call is told
 * an error, and a handler that fails while it awaits a request does just that: its status would never
 * be sent, and the client would wait for ever.
 */
export class Requests<Request> implements AsyncIterableIterator<Request, undefined> {
  readonly #call: RequestSource;
  readonly #waiting: unknown[] = [];
  readonly #takers: Taker<Request>[] = [];
  #isReading = false;
  #isOver = false;
  #failure: Error | undefined;

  constructor(call: RequestSource) {
    this.#call = call;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Request, undefined>> {
    if (!this.#isReading) this.#read();
    return new Promise((resolve, reject) => {
      const taker = { resolve, reject };
      if (this.#waiting.length > 0) this.#give(taker, this.#waiting.shift());
      else if (this.#isOver) this.#tellEnd(taker);
      else this.#takers.push(taker);
      if (this.#waiting.length === 0 && this.#call.isPaused()) this.#call.resume();
    });
  }

  /** Takes no more: what the client still sends is dropped, so that it learns how the call ended. */
  return(): Promise<IteratorResult<Request, undefined>> {
    this.#end(undefined);
    this.#waiting.length = 0;
    if (this.#isReading) this.#call.resume();
    return Promise.resolve({ done: true, value: undefined });
  }

  #read(): void {
    this.#isReading = true;
    this.#call.on("data", (request) => this.#arrived(request));
    this.#call.on("end", () => this.#end(undefined));
    this.#call.on("close", () => this.#end(new Error("the call ended before its requests did")));
  }

  #arrived(request: unknown): void {
    if (this.#isOver) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      this.#give(taker, request);
      return;
    }
    this.#waiting.push(request);
    if (this.#waiting.length >= WAITING_MAX) this.#call.pause();
  }

  #give(taker: Taker<Request>, request: unknown): void {
    try {
      refuseMalformed(request);
      taker.resolve({ done: false, value: request as Request });
    } catch (error) {
      taker.reject(error);
    }
  }

  #end(failure: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    for (const taker of this.#takers.splice(0)) this.#tellEnd(taker);
  }

  #tellEnd(taker: Taker<Request>): void {
    if (this.#failure === undefined) taker.resolve({ done: true, value: undefined });
    else taker.reject(this.#failure);
  }
}
