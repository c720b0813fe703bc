// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createClient } from "@consortium/kit";
import { exchange } from "@consortium/proto";
import { channelErrors } from "./errors.js";
import { decodeOpen, encodeOpen, type OpenFrame } from "./frames.js";
import { CHANNEL_SERVER_LIMITS, PIECE_BYTES, UNPROVEN_FRAME_BYTES_MAX } from "./limits.js";
import { concat, frameTooLarge, malformed } from "./wire.js";

/** The stream under a link, whichever side opened it. */
export interface Transport {
  /** Resolves when more may be written; a large frame goes in pieces and reports each. */
  write(frames: readonly Uint8Array[], progress?: () => void): Promise<void>;
  /** What the peer wrote, batch by batch, an empty one for a piece; ends with the stream. */
  readonly batches: AsyncIterator<readonly Uint8Array[]>;
  /** Frames beyond this are refused, pieces or not. */
  frameBytesMax: number;
}

/** A stream that this node opened. */
export interface DialledTransport extends Transport {
  /** Lets the last frames out, then cuts. */
  end(): Promise<void>;
  cancel(): void;
}

interface Message {
  readonly frames: readonly Uint8Array[];
  readonly more: boolean;
}

const LAST_WORDS_MS = 200;

/** Opens a stream to a node's node-to-node interface; it is connected when the first batch comes. */
export function dial(address: string): DialledTransport {
  const client = createClient(exchange.ExchangeServiceClient, {
    address,
    plaintext: true,
    receiveBytesMax: CHANNEL_SERVER_LIMITS.receiveBytesMax ?? 0,
    sendBytesMax: CHANNEL_SERVER_LIMITS.sendBytesMax ?? 0,
  });
  const call = client.exchange();
  const cancel = (): void => {
    call.cancel();
    client.close();
  };
  const transport = createTransport(call.responses, (message) => call.write(message));
  return Object.assign(transport, {
    async end() {
      call.end();
      const ended = AbortSignal.timeout(LAST_WORDS_MS);
      await once(call.raw, "status", { signal: ended }).catch(() => undefined);
      cancel();
    },
    cancel,
  });
}

/** A stream over messages of whichever direction. */
export function createTransport(
  incoming: AsyncIterable<Message>,
  send: (message: { frames: Uint8Array[]; more: boolean }) => Promise<void>,
): Transport {
  const transport: Transport = {
    frameBytesMax: UNPROVEN_FRAME_BYTES_MAX,
    batches: batchesOf(incoming, () => transport.frameBytesMax),
    async write(frames, progress) {
      const [first, ...others] = frames;
      if (first === undefined || others.length > 0 || first.length <= PIECE_BYTES) {
        await send({ frames: [...frames], more: false });
        return;
      }
      for (let at = 0; at < first.length; at += PIECE_BYTES) {
        const more = at + PIECE_BYTES < first.length;
        await send({ frames: [first.subarray(at, at + PIECE_BYTES)], more });
        progress?.();
      }
    },
  };
  return transport;
}

/** Names both nodes to the peer. */
export function writeOpen(transport: Transport, open: OpenFrame): Promise<void> {
  return transport.write([encodeOpen(open)]);
}

/** Whom the peer believes to speak to whom; nothing of it is proved yet. */
export async function readOpen(transport: Transport): Promise<OpenFrame> {
  const { value, done } = await transport.batches.next();
  if (done === true) throw channelErrors("CHANNEL_CLOSED", "the peer closed the stream");
  const [first, ...more] = value;
  if (first === undefined || more.length > 0) throw malformed("the first frame comes alone");
  if (first.length > UNPROVEN_FRAME_BYTES_MAX) throw malformed("the first frame is too large");
  return decodeOpen(first);
}

async function* batchesOf(
  messages: AsyncIterable<Message>,
  frameBytesMax: () => number,
): AsyncGenerator<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const { frames, more } of messages) {
    if (frames.length === 0) throw malformed("a message without frames");
    if (!more && pieces.length === 0) {
      yield frames;
      continue;
    }
    const [piece, ...others] = frames;
    if (piece === undefined || piece.length === 0 || others.length > 0) {
      throw malformed("a piece of a frame comes alone");
    }
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > frameBytesMax()) throw frameTooLarge(bytes);
    yield more ? [] : [concat(...pieces)];
    if (!more) {
      pieces.length = 0;
      bytes = 0;
    }
  }
}
