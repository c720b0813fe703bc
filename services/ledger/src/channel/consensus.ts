// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";
import { type ChannelLimits, PIECE_BYTES } from "./limits.js";
import type { OutgoingFrame } from "./outbox.js";
import { plainFrame } from "./frames.js";
import { busy, lost, tooLarge, unavailable } from "./requests.js";

/** Handles one message at a time, in order; the next one waits until this one's promise is settled. */
export type ConsensusHandler = (
  peerId: string,
  header: Uint8Array,
  entries: Uint8Array,
) => void | Promise<void>;

export interface OutgoingConsensus {
  readonly header: Uint8Array;
  readonly entries: Uint8Array;
  /** It is with the transport. */
  resolve(): void;
  reject(error: unknown): void;
}

/** What a message weighs in windows and queues, however small it is. */
const MESSAGE_OVERHEAD_BYTES = 256;

function weightOf(header: Uint8Array, entriesBytes: number): number {
  return header.length + entriesBytes + MESSAGE_OVERHEAD_BYTES;
}

/** Sends consensus messages no faster than the peer consumes them. */
export class ConsensusSender {
  readonly #limits: ChannelLimits;
  readonly #peerId: string;
  readonly #push: (frame: OutgoingFrame) => void;
  readonly #seal: (header: Uint8Array, entriesBytes: number) => Uint8Array;
  #queued = 0;
  #sent = 0;
  #consumed = 0;

  constructor(options: {
    peerId: string;
    limits: ChannelLimits;
    push: (frame: OutgoingFrame) => void;
    /** The authenticated frame that goes before the entries. */
    seal: (header: Uint8Array, entriesBytes: number) => Uint8Array;
  }) {
    this.#peerId = options.peerId;
    this.#limits = options.limits;
    this.#push = options.push;
    this.#seal = options.seal;
  }

  start(message: OutgoingConsensus): void {
    const { header, entries } = message;
    const { entriesBytesMax, requestBytesMax, consensusQueueBytesMax } = this.#limits;
    if (entries.length > entriesBytesMax) {
      message.reject(tooLarge(entries.length, { requestBytesMax: entriesBytesMax }));
      return;
    }
    if (header.length > requestBytesMax) {
      message.reject(tooLarge(header.length, this.#limits));
      return;
    }
    const weight = weightOf(header, entries.length);
    if (this.#queued > 0 && this.#queued + weight > consensusQueueBytesMax) {
      message.reject(busy(`${this.#queued} bytes of consensus messages wait already`));
      return;
    }
    this.#queued += weight;
    this.#enqueue(message, weight);
  }

  /** The peer has consumed this much since the stream began. */
  consumed(bytes: number): void {
    if (bytes < this.#consumed || bytes > this.#sent) {
      throw channelErrors(
        "CHANNEL_UNEXPECTED_FRAME",
        `the peer says it consumed ${bytes} bytes of ${this.#sent}`,
      );
    }
    this.#consumed = bytes;
  }

  #enqueue(message: OutgoingConsensus, weight: number): void {
    const { header, entries } = message;
    let begun = false;
    const dropped = (reason: Error): void =>
      message.reject(begun ? lost(reason) : unavailable(this.#peerId, reason));
    const finished = (): void => {
      this.#queued -= weight;
      message.resolve();
    };
    this.#push({
      bytes: header.length + MESSAGE_OVERHEAD_BYTES,
      claim: () => {
        if (this.#sent - this.#consumed >= this.#limits.consensusWindowBytes) return false;
        this.#sent += weight;
        begun = true;
        return true;
      },
      make: () => this.#seal(header, entries.length),
      ...(entries.length === 0 ? { written: finished } : {}),
      dropped,
    });
    for (let at = 0; at < entries.length; at += PIECE_BYTES) {
      const piece = entries.subarray(at, at + PIECE_BYTES);
      const last = at + piece.length === entries.length;
      this.#push({
        bytes: piece.length,
        unsealed: true,
        make: () => plainFrame("entries", piece),
        ...(last ? { written: finished } : {}),
        dropped,
      });
    }
  }
}

interface Incoming {
  readonly header: Uint8Array;
  readonly entries: Uint8Array;
  received: number;
}

/** Puts consensus messages together again and hands them on, one at a time. */
export class ConsensusReceiver {
  readonly #limits: ChannelLimits;
  readonly #handle: (header: Uint8Array, entries: Uint8Array) => void | Promise<void>;
  readonly #report: (consumedBytes: number) => void;
  readonly #fail: (error: unknown) => void;
  readonly #queue: Incoming[] = [];
  #incoming: Incoming | undefined;
  #handling = false;
  #closed = false;
  #received = 0;
  #consumed = 0;
  #reported = 0;

  constructor(options: {
    limits: ChannelLimits;
    handle: (header: Uint8Array, entries: Uint8Array) => void | Promise<void>;
    /** Tells the peer how much was consumed. */
    report: (consumedBytes: number) => void;
    fail: (error: unknown) => void;
  }) {
    this.#limits = options.limits;
    this.#handle = options.handle;
    this.#report = options.report;
    this.#fail = options.fail;
  }

  /** The authenticated beginning of a message. */
  begin(header: Uint8Array, entriesBytes: number): void {
    if (this.#incoming !== undefined) {
      throw unexpected("a consensus message began before the last one's entries were complete");
    }
    if (entriesBytes > this.#limits.entriesBytesMax) {
      throw channelErrors(
        "CHANNEL_FRAME_TOO_LARGE",
        `${entriesBytes} bytes of entries are announced, ${this.#limits.entriesBytesMax} are taken`,
      );
    }
    if (this.#received - this.#consumed >= this.#limits.consensusWindowBytes) {
      throw unexpected("the peer sends more than its window");
    }
    this.#received += weightOf(header, entriesBytes);
    this.#incoming = { header, entries: new Uint8Array(entriesBytes), received: 0 };
    this.#finishIfComplete();
  }

  /** Entries as they are: their own digests protect them. */
  piece(bytes: Uint8Array): void {
    const incoming = this.#incoming;
    if (incoming === undefined) throw unexpected("entries came without a consensus message");
    if (bytes.length === 0) throw unexpected("a piece of entries is empty");
    if (incoming.received + bytes.length > incoming.entries.length) {
      throw unexpected("more entries came than were announced");
    }
    incoming.entries.set(bytes, incoming.received);
    incoming.received += bytes.length;
    this.#finishIfComplete();
  }

  /** Whether complete messages wait. */
  get hasUnhandled(): boolean {
    return this.#queue.length > 0;
  }

  /** What is complete is still handled; it came whole and authenticated. */
  close(): void {
    this.#closed = true;
    this.#incoming = undefined;
  }

  dropUnhandled(): void {
    this.#queue.length = 0;
  }

  #finishIfComplete(): void {
    const incoming = this.#incoming;
    if (incoming === undefined || incoming.received < incoming.entries.length) return;
    this.#incoming = undefined;
    this.#queue.push(incoming);
    if (!this.#handling) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#handling = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      try {
        await this.#handle(next.header, next.entries);
      } catch (error) {
        this.#fail(error);
      }
      this.#consumed += weightOf(next.header, next.entries.length);
      if (this.#closed) continue;
      if (this.#consumed - this.#reported >= this.#limits.consensusWindowBytes / 4) {
        this.#reported = this.#consumed;
        this.#report(this.#consumed);
      }
    }
    this.#handling = false;
  }
}

function unexpected(reason: string): Error {
  return channelErrors("CHANNEL_UNEXPECTED_FRAME", `a frame is refused: ${reason}`);
}
