// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../clock.js";
import { UNPROVEN_FRAME_BYTES_MAX } from "../limits.js";
import type { Transport } from "../transport.js";

/** One end of a stream that exists in memory only. */
export class MemoryTransport implements Transport {
  /** Everything this end wrote. */
  readonly written: Uint8Array[] = [];
  readonly #incoming: (readonly Uint8Array[])[] = [];
  readonly batches: AsyncIterator<readonly Uint8Array[]>;
  #peer: MemoryTransport | undefined;
  #wake: () => void = () => undefined;
  frameBytesMax = UNPROVEN_FRAME_BYTES_MAX;
  #ended = false;

  constructor() {
    this.batches = this.#take();
  }

  /** What one end writes, the other one reads. */
  static pair(): [MemoryTransport, MemoryTransport] {
    const [one, other] = [new MemoryTransport(), new MemoryTransport()];
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  async write(frames: readonly Uint8Array[]): Promise<void> {
    this.written.push(...frames);
    this.#peer?.deliver(...frames);
  }

  /** As if the other end had written it. */
  deliver(...frames: Uint8Array[]): void {
    this.#incoming.push(frames.map((frame) => Uint8Array.from(frame)));
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *#take(): AsyncGenerator<readonly Uint8Array[]> {
    for (;;) {
      const next = this.#incoming.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that nobody has called off. */
  get pending(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}
