// SPDX-License-Identifier: Apache-2.0
import { randomBytes, randomInt } from "node:crypto";
import type { ServiceError } from "@grpc/grpc-js";
import type { app } from "@consortium/proto";
import type { Clients } from "./connect.js";
import type { LoadRequest } from "./messages.js";
import type { Window } from "./window.js";

/** A private map, so that every value is encrypted. */
const MAP = "bench";
const KEY_BYTES = 16;
/** Far beyond any window: a stream that gets no answers must end all the same. */
const STREAM_MS = 300_000;

let written = 0;

/** Keeps `inFlight` calls under way until the window closes; each slot calls again when answered. */
export async function runUnary(
  clients: Clients,
  request: LoadRequest,
  window: Window,
): Promise<void> {
  const call = unaryCall(clients, request);
  const slots = Array.from({ length: request.inFlight }, () => slot(call, window));
  await Promise.all([window.closed(), ...slots]);
}

type Callback = (error: ServiceError | null, answer?: { transactionId: string }) => void;

function slot(call: (done: Callback) => void, window: Window): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const sentAt = performance.now();
      call((error, answer) => {
        if (error !== null) {
          reject(error);
          return;
        }
        window.answered(1, sentAt);
        if (answer !== undefined) window.transactionId = answer.transactionId;
        if (window.isOpen) next();
        else resolve();
      });
    };
    next();
  });
}

function unaryCall(
  { kv, node }: Clients,
  { operation, valueBytes, keys, transactionIds }: LoadRequest,
): (done: Callback) => void {
  const value = randomBytes(valueBytes);
  switch (operation) {
    case "put":
      return (done) => {
        const key = keyOf(written);
        written += 1;
        kv.put({ groupId: 0, map: MAP, key, value, options: undefined }, done);
      };
    case "get":
      return (done) => kv.get({ groupId: 0, map: MAP, key: keyOf(randomInt(keys)) }, done);
    case "receipt":
      return (done) => {
        const transactionId = transactionIds[randomInt(transactionIds.length)] ?? "";
        node.getReceipt({ groupId: 0, transactionId }, done);
      };
    case "stream":
      throw new TypeError("a stream is no unary call");
  }
}

/** Keeps `inFlight` messages of one stream under way; answers come in order. */
export async function runStream(
  { kv }: Clients,
  request: LoadRequest,
  window: Window,
): Promise<void> {
  const value = randomBytes(request.valueBytes);
  const sentAt: number[] = [];
  const stream = kv.writeStream({ deadline: Date.now() + STREAM_MS });
  const send = (): void => {
    const operations = Array.from({ length: request.perMessage }, () => putOf(value));
    sentAt.push(performance.now());
    stream.write({ groupId: 0, operations, options: undefined });
  };
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("end", resolve);
    stream.on("data", (answer: app.WriteStreamResponse) => {
      window.answered(answer.count, sentAt.shift() ?? NaN);
      window.transactionId = `${answer.view}.${answer.firstSeqno}`;
      if (window.isOpen) send();
      else stream.end();
    });
    for (let index = 0; index < request.inFlight; index += 1) send();
  });
}

function putOf(value: Uint8Array): app.Operation {
  const key = keyOf(written);
  written += 1;
  return { operation: { $case: "put", value: { map: MAP, key, value } } };
}

/** Keys in a mixed order, as names of real records are: the tree is not only extended at its end. */
export function keyOf(index: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES, 0x6b);
  key.writeUInt32BE(Math.imul(index, 0x9e3779b1) >>> 0, 0);
  key.writeUInt32BE(index, KEY_BYTES - 4);
  return key;
}
