// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, duplex, type GrpcServer, startGrpcServer } from "@consortium/kit";
import { exchange } from "@consortium/proto";
import { frameType, type FrameType } from "../frames.js";

/** One frame on its way, as the attacker sees it. */
export interface TappedFrame {
  /** From whom: the side that opened the stream, or the one that answered. */
  readonly from: "opener" | "answerer";
  readonly type: FrameType;
  readonly bytes: Uint8Array;
  /** How many of this type and direction came before it over this stream. */
  readonly index: number;
}

/** What becomes of a frame: these instead of it. */
export type Alteration = (frame: TappedFrame) => readonly Uint8Array[];

const BYTES_MAX = 300 * 1024 * 1024;

/** Someone on the wire between two nodes, who sees every frame and can do with it as he likes. */
export class WireTap implements AsyncDisposable {
  /** All that came by, over all streams. */
  readonly frames: TappedFrame[] = [];
  alter: Alteration = (frame) => [frame.bytes];
  /** How long each message takes. */
  delayMs = 0;
  #server: GrpcServer | undefined;
  readonly #target: () => string;

  private constructor(target: () => string) {
    this.#target = target;
  }

  static async start(target: () => string): Promise<WireTap> {
    const tap = new WireTap(target);
    tap.#server = await startGrpcServer({
      address: "127.0.0.1:0",
      credentials: "plaintext",
      limits: { receiveBytesMax: BYTES_MAX, sendBytesMax: BYTES_MAX },
      services: [
        {
          definition: exchange.ExchangeServiceService,
          implementation: {
            exchange: duplex<exchange.ExchangeRequest, exchange.ExchangeResponse>(
              (requests, responses, { signal }) => tap.#relay(requests, responses, signal),
            ),
          },
        },
      ],
    });
    return tap;
  }

  get address(): string {
    return this.#server?.address ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close(0);
  }

  async #relay(
    requests: AsyncIterable<exchange.ExchangeRequest>,
    responses: { write(response: exchange.ExchangeResponse): Promise<void> },
    signal: AbortSignal,
  ): Promise<void> {
    using client = createClient(exchange.ExchangeServiceClient, {
      address: this.#target(),
      plaintext: true,
      receiveBytesMax: BYTES_MAX,
      sendBytesMax: BYTES_MAX,
    });
    const call = client.exchange({ signal });
    const counts = new Map<string, number>();
    const forward = (async () => {
      for await (const message of requests) {
        await this.#pass("opener", message, counts, (altered) => call.write(altered));
      }
      call.end();
    })();
    forward.catch(() => call.cancel());
    for await (const message of call.responses) {
      await this.#pass("answerer", message, counts, (altered) => responses.write(altered));
    }
  }

  async #pass(
    from: TappedFrame["from"],
    message: exchange.ExchangeRequest,
    counts: Map<string, number>,
    write: (message: exchange.ExchangeRequest) => Promise<void>,
  ): Promise<void> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    // Frames in pieces pass as they are.
    if (message.more) {
      await write(message);
      return;
    }
    const altered = message.frames.flatMap((raw) => {
      const bytes = Uint8Array.from(raw);
      const type = frameType(bytes);
      const key = `${from} ${type}`;
      const index = counts.get(key) ?? 0;
      counts.set(key, index + 1);
      const frame = { from, type, bytes, index };
      this.frames.push(frame);
      return [...this.alter(frame)];
    });
    if (altered.length > 0) await write({ frames: altered, more: false });
  }
}

/** A stranger's stream: it says what the test tells it to. */
export class RawStream implements Disposable {
  readonly #client;
  readonly #call;
  readonly #answers: AsyncIterator<exchange.ExchangeResponse>;

  constructor(address: string) {
    this.#client = createClient(exchange.ExchangeServiceClient, {
      address,
      plaintext: true,
      receiveBytesMax: BYTES_MAX,
      sendBytesMax: BYTES_MAX,
    });
    this.#call = this.#client.exchange();
    this.#answers = this.#call.responses[Symbol.asyncIterator]();
  }

  write(...frames: Uint8Array[]): Promise<void> {
    return this.#call.write({ frames, more: false });
  }

  /** Part of a frame that goes on. */
  writePiece(piece: Uint8Array): Promise<void> {
    return this.#call.write({ frames: [piece], more: true });
  }

  /** Bytes that are no message at all. */
  writeGarbage(bytes: Uint8Array): void {
    // The serialiser of the call would encode; what it is handed here goes out as it is.
    const raw = this.#call.raw as unknown as { call: { sendMessage(c: object, m: Buffer): void } };
    raw.call.sendMessage({}, Buffer.from(bytes));
  }

  /** The next answer; rejects with the reason when the stream is closed with one. */
  async read(): Promise<readonly Uint8Array[] | undefined> {
    const { value, done } = await this.#answers.next();
    return done === true ? undefined : value.frames;
  }

  end(): void {
    this.#call.end();
  }

  /** The reason for which the other side closed the stream; `undefined` for none. */
  async closed(): Promise<unknown> {
    try {
      while ((await this.read()) !== undefined);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  [Symbol.dispose](): void {
    this.#call.cancel();
    this.#client.close();
  }
}
