// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";

/** A frame that is made when it is its turn, so that counters and keys follow the order on the wire. */
export interface OutgoingFrame {
  /** About what it will take; for the bounds. */
  readonly bytes: number;
  make(): Uint8Array;
  /** It is sent as it is and uses up no key. */
  readonly unsealed?: boolean;
  /** It was handed to the transport, which has room again. */
  written?(): void;
  /** It will never be written. */
  dropped?(reason: Error): void;
  /**
   * Asked when it is its turn; `true` means that it goes now. A frame that must wait holds up those
   * behind it in its lane.
   */
  claim?(): boolean;
}

/** Key exchange and other control first, then requests and answers, then consensus. */
export type Lane = "control" | "forwarded" | "consensus";

const LANES: readonly Lane[] = ["control", "forwarded", "consensus"];
/** So that many requests do not hold up consensus for ever. */
const LANES_CONSENSUS_FIRST: readonly Lane[] = ["control", "consensus", "forwarded"];
const BATCH_BYTES_MAX = 512 * 1024;
const BATCH_FRAMES_MAX = 256;
/** What a frame weighs beside its bytes: a small one takes memory too. */
const FRAME_OVERHEAD_BYTES = 256;

export interface OutboxOptions {
  /** A lane that fills up beyond this belongs to a peer that does not read. */
  readonly bytesMax: number;
  readonly onFull: (reason: Error) => void;
  /** How many frames other than control may go before the keys are renewed. */
  readonly allowance: () => number;
}

/** What waits to be written to one stream, in lanes: nothing small waits behind a large message. */
export class Outbox {
  readonly #lanes: Record<Lane, OutgoingFrame[]> = { control: [], forwarded: [], consensus: [] };
  readonly #bytes: Record<Lane, number> = { control: 0, forwarded: 0, consensus: 0 };
  readonly #options: OutboxOptions;
  #wake: (() => void) | undefined;
  #closed: Error | undefined;
  /** The last batch had no room for a consensus frame that could have gone. */
  #passedOver = false;
  /** Being written now. */
  #batch: readonly OutgoingFrame[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
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
    this.#bytes[lane] += frame.bytes + FRAME_OVERHEAD_BYTES;
    this.wake();
    if (this.#bytes[lane] > this.#options.bytesMax) {
      const reason = "too much waits for the peer to read it";
      this.#options.onFull(channelErrors("CHANNEL_PEER_STALLED", reason));
    }
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
    let allowance = this.#options.allowance();
    const lanes = this.#passedOver ? LANES_CONSENSUS_FIRST : LANES;
    this.#passedOver = false;
    for (const lane of lanes) {
      const frames = this.#lanes[lane];
      let taken = 0;
      for (const frame of frames) {
        const isFull =
          batch.length >= BATCH_FRAMES_MAX ||
          (batch.length > 0 && bytes + frame.bytes > BATCH_BYTES_MAX);
        if (isFull) {
          this.#passedOver = lane === "consensus" && taken === 0;
          break;
        }
        const isCounted = lane !== "control" && frame.unsealed !== true;
        if (isCounted && allowance <= 0) break;
        if (frame.claim?.() === false) break;
        if (isCounted) allowance -= 1;
        batch.push(frame);
        bytes += frame.bytes;
        taken += 1;
        this.#bytes[lane] -= frame.bytes + FRAME_OVERHEAD_BYTES;
      }
      frames.splice(0, taken);
    }
    return batch;
  }
}
