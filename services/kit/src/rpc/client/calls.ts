// SPDX-License-Identifier: Apache-2.0
import {
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  Metadata,
} from "@grpc/grpc-js";
import { fromServiceError } from "../status.js";
import type { DuplexCall, MethodShape, RpcCallOptions } from "./service-types.js";

const NO_METADATA = new Metadata();

interface Method {
  path: string;
  serialize: (value: unknown) => Buffer;
  deserialize: (bytes: Buffer) => unknown;
}

/** Turns one described method into the function that calls it. */
export function methodCaller(
  client: Client,
  shape: MethodShape,
  defaultDeadlineMs: number,
): (...args: never[]) => unknown {
  const method: Method = {
    path: shape.path,
    // The shape's own types were checked where the client was made; here only bytes matter.
    serialize: shape.requestSerialize as (value: unknown) => Buffer,
    deserialize: shape.responseDeserialize,
  };
  if (shape.requestStream) return (options?: RpcCallOptions) => callDuplex(client, method, options);
  if (shape.responseStream) {
    return (request: unknown, options?: RpcCallOptions) =>
      callStream(client, method, request, options);
  }
  return (request: unknown, options?: RpcCallOptions) =>
    callUnary(client, method, request, { deadlineMs: defaultDeadlineMs, ...options });
}

function callUnary(
  client: Client,
  method: Method,
  request: unknown,
  options: RpcCallOptions,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const abort = (): void => call.cancel();
    const call = client.makeUnaryRequest(
      method.path,
      method.serialize,
      method.deserialize,
      request,
      options.metadata ?? NO_METADATA,
      callOptions(options),
      (error, response) => {
        signal?.removeEventListener("abort", abort);
        if (error !== null) reject(fromServiceError(error));
        else resolve(response);
      },
    );
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function callStream(
  client: Client,
  method: Method,
  request: unknown,
  options: RpcCallOptions = {},
): AsyncIterable<unknown> {
  const call = client.makeServerStreamRequest(
    method.path,
    method.serialize,
    method.deserialize,
    request,
    options.metadata ?? NO_METADATA,
    callOptions(options),
  );
  cancelOnAbort(call, options.signal);
  return responsesOf(call);
}

function callDuplex(
  client: Client,
  method: Method,
  options: RpcCallOptions = {},
): DuplexCall<unknown, unknown> {
  const call = client.makeBidiStreamRequest(
    method.path,
    method.serialize,
    method.deserialize,
    options.metadata ?? NO_METADATA,
    callOptions(options),
  );
  cancelOnAbort(call, options.signal);
  return {
    write: (request) => writeTo(call, request),
    end: () => void call.end(),
    responses: responsesOf(call),
    cancel: () => call.cancel(),
    raw: call,
  };
}

function callOptions({ deadlineMs }: RpcCallOptions): CallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}

type ReadableCall = ClientReadableStream<unknown> | ClientDuplexStream<unknown, unknown>;

function cancelOnAbort(call: ReadableCall, signal: AbortSignal | undefined): void {
  // Who only writes has no other place to learn of a failure; without a listener it would crash the process.
  call.on("error", () => undefined);
  if (signal === undefined) return;
  const abort = (): void => call.cancel();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  call.once("close", () => signal.removeEventListener("abort", abort));
}

function responsesOf(call: ReadableCall): AsyncIterable<unknown> {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const response of call) yield response as unknown;
      } catch (error) {
        throw fromServiceError(error);
      } finally {
        call.cancel();
      }
    },
  };
}

async function writeTo(
  call: ClientDuplexStream<unknown, unknown>,
  request: unknown,
): Promise<void> {
  if (call.write(request)) return;
  await new Promise<void>((resolve) => {
    function settle(): void {
      call.off("drain", settle);
      call.off("close", settle);
      call.off("error", settle);
      resolve();
    }
    call.once("drain", settle);
    call.once("close", settle);
    call.once("error", settle);
  });
}
