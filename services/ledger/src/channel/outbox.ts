// SPDX-License-Identifier: Apache-2.0

/** A frame that is made when it is its turn, so that counters and keys follow the order on the wire. */
export interface OutgoingFrame {
  /** About what it will take; for the bounds. */
  readonly bytes: number;
  make(): Uint8Array;
  /** It was handed to the transport, which has room again. */
  written?(): void;
  /** It will never be written. */
  dropped?(reason: Error): void;
  /** Asked when it is its turn; a frame that must wait holds up those behind it in its lane. */
  mayGo?(): boolean;
}

/** Key exchange and other control first, then requests and answers, then consensus. */
export type Lane = "control" | "forwarded" | "consensus";

const LANES: readonly Lane[] = ["control", "forwarded", "consensus"];
const BATCH_BYTES_MAX = 512 * 1024;
const BATCH_FRAMES_MAX = 256;

/** What waits to be written to one stream, in lanes: nothing small waits behind a large message. */
export class Outbox {
  readonly #lanes: Record<Lane, OutgoingFrame[]> = { control: [], forwarded: [], consensus: [] };
  readonly #bytes: Record<Lane, number> = { control: 0, forwarded: 0, consensus: 0 };
  #wake: (() => void) | undefined;
  #closed: Error | undefined;
  /** Being written now. */
  #batch: readonly OutgoingFrame[] = [];

  /** Waiting in a lane. */
  bytes(lane: Lane): number {
    return this.#bytes[lane];
  }

  get isEmpty(): boolean {
    return this.#batch.length === 0 && LANES.every((lane) => this.#lanes[lane].length === 0);
  }

  push(lane: Lane, frame: OutgoingFrame): void {
    if (this.#closed !== undefined) {
      frame.dropped?.(this.#closed);
      return;
    }
    this.#lanes[lane].push(frame);
    this.#bytes[lane] += frame.bytes;
    this.wake();
  }

  /** Something may have become ready. */
  wake(): void {
    this.#wake?.();
  }

  /** Writes until closed; rejects with what `write` or a frame threw. */
  async run(write: (frames: Uint8Array[]) => Promise<void>): Promise<void> {
    while (this.#closed === undefined) {
      const batch = this.#takeBatch();
      if (batch.length === 0) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
        continue;
      }
      this.#batch = batch;
      // Made and handed over in one turn: nothing can come between.
      await write(batch.map((frame) => frame.make()));
      for (const frame of this.#batch) frame.written?.();
      this.#batch = [];
    }
  }

  close(reason: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const frame of this.#batch) frame.dropped?.(reason);
    this.#batch = [];
    for (const lane of LANES) {
      for (const frame of this.#lanes[lane].splice(0)) frame.dropped?.(reason);
      this.#bytes[lane] = 0;
    }
    this.wake();
  }

  #takeBatch(): OutgoingFrame[] {
    const batch: OutgoingFrame[] = [];
    let bytes = 0;
    for (const lane of LANES) {
      const frames = this.#lanes[lane];
      let taken = 0;
      for (const frame of frames) {
        if (batch.length >= BATCH_FRAMES_MAX) break;
        if (batch.length > 0 && bytes + frame.bytes > BATCH_BYTES_MAX) break;
        if (frame.mayGo?.() === false) break;
        batch.push(frame);
        bytes += frame.bytes;
        taken += 1;
        this.#bytes[lane] -= frame.bytes;
      }
      frames.splice(0, taken);
    }
    return batch;
  }
}
