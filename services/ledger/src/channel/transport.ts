// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createClient, type ResponseWriter } from "@consortium/kit";
import { exchange } from "@consortium/proto";
import { channelErrors } from "./errors.js";
import { decodeOpen, encodeOpen, type OpenFrame } from "./frames.js";
import { type ChannelLimits, transportBytesMax, UNPROVEN_FRAME_BYTES_MAX } from "./limits.js";
import type { Transport } from "./link.js";
import { malformed } from "./wire.js";

interface Batch {
  readonly frames: readonly Uint8Array[];
}

/** A stream that this node opened. */
export interface DialledTransport extends Transport {
  /** Lets the last frames out, then cuts. */
  end(): Promise<void>;
  cancel(): void;
}

const LAST_WORDS_MS = 200;

/** Opens a stream to a node's node-to-node interface; it is connected when the first batch comes. */
export function dial(address: string, limits: ChannelLimits): DialledTransport {
  const bytesMax = transportBytesMax(limits);
  const client = createClient(exchange.ExchangeServiceClient, {
    address,
    plaintext: true,
    receiveBytesMax: bytesMax,
    sendBytesMax: bytesMax,
  });
  const call = client.exchange();
  return {
    write: (frames) => call.write({ frames }),
    batches: batchesOf(call.responses),
    async end() {
      call.end();
      const ended = AbortSignal.timeout(LAST_WORDS_MS);
      await once(call.raw, "status", { signal: ended }).catch(() => undefined);
      this.cancel();
    },
    cancel() {
      call.cancel();
      client.close();
    },
  };
}

/** A stream that a peer opened. */
export function accepted(
  requests: AsyncIterable<exchange.ExchangeRequest>,
  responses: ResponseWriter<exchange.ExchangeResponse>,
): Transport {
  return {
    write: (frames) => responses.write({ frames }),
    batches: batchesOf(requests),
  };
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

async function* batchesOf(messages: AsyncIterable<Batch>): AsyncGenerator<readonly Uint8Array[]> {
  for await (const { frames } of messages) {
    if (frames.length === 0) throw malformed("a message without frames");
    yield frames;
  }
}
