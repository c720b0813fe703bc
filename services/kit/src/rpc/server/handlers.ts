// SPDX-License-Identifier: Apache-2.0
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  status,
} from "@grpc/grpc-js";
import { toServiceError } from "../status.js";
import { type CallContext, ServerCallContext } from "./call-context.js";
import { bindable, type HandlerEnvironment, statusOfError } from "./environment.js";
import { refuseMalformed } from "./malformed.js";
import { Requests } from "./requests.js";

export type UnaryHandler<Request, Response> = (
  request: Request,
  context: CallContext,
) => Promise<Response>;

export type ServerStreamHandler<Request, Response> = (
  request: Request,
  context: CallContext,
) => AsyncIterable<Response>;

export type BidiHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  context: CallContext,
) => AsyncIterable<Response>;

export type DuplexHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  responses: ResponseWriter<Response>,
  context: CallContext,
) => Promise<void>;

export interface ResponseWriter<Response> {
  /** Resolves when more may be written. Awaiting it is what keeps memory bounded. */
  write(response: Response): Promise<void>;
}

/** A unary method from an async function. What it throws goes through {@link toServiceError}. */
export function unary<Request, Response>(
  handler: UnaryHandler<Request, Response>,
): handleUnaryCall<Request, Response> {
  return bindable(({ log, recorder }: HandlerEnvironment) => (call, callback) => {
    const startedAt = recorder?.start() ?? 0;
    const context = new ServerCallContext(call);
    function fail(error: unknown): void {
      const left = call.cancelled;
      context.markAnswered();
      recorder?.finish(call.getPath(), left ? status.CANCELLED : statusOfError(error), startedAt);
      // Nobody listens any more, and what the abort made the handler throw is no fault.
      if (left) return;
      callback(toServiceError(error, logUnexpected(log, call.getPath())));
    }
    function succeed(response: Response): void {
      context.markAnswered();
      recorder?.finish(call.getPath(), status.OK, startedAt);
      callback(null, response);
    }
    try {
      refuseMalformed(call.request);
      handler(call.request, context).then(succeed, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** A server-streaming method from an async generator; it is paused while the client reads slowly. */
export function serverStream<Request, Response>(
  handler: ServerStreamHandler<Request, Response>,
): handleServerStreamingCall<Request, Response> {
  return bindable((environment: HandlerEnvironment) => (call) => {
    void runStream(call, environment, async (context) => {
      refuseMalformed(call.request);
      await sendAll(call, handler(call.request, context), context);
    });
  });
}

/** A bidirectional method from an async generator over the requests. */
export function bidi<Request, Response>(
  handler: BidiHandler<Request, Response>,
): handleBidiStreamingCall<Request, Response> {
  return bindable((environment: HandlerEnvironment) => (call) => {
    void runStream(call, environment, async (context) => {
      const requests = new Requests<Request>(call);
      try {
        await sendAll(call, handler(requests, context), context);
      } finally {
        await requests.return();
      }
    });
  });
}

/** A bidirectional method whose responses do not follow the requests one by one. */
export function duplex<Request, Response>(
  handler: DuplexHandler<Request, Response>,
): handleBidiStreamingCall<Request, Response> {
  return bindable((environment: HandlerEnvironment) => (call) => {
    void runStream(call, environment, async (context) => {
      const responses = { write: (response: Response) => send(call, response, context.signal) };
      const requests = new Requests<Request>(call);
      try {
        await handler(requests, responses, context);
      } finally {
        await requests.return();
      }
    });
  });
}

interface WritableCall<Response> {
  readonly cancelled: boolean;
  write(response: Response): boolean;
  once(event: "drain", listener: () => void): unknown;
  off(event: "drain", listener: () => void): unknown;
}

interface StreamCall {
  readonly cancelled: boolean;
  getPath(): string;
  end(): void;
  emit(event: "error", error: unknown): boolean;
}

async function runStream(
  call: StreamCall & ConstructorParameters<typeof ServerCallContext>[0],
  { log, recorder }: HandlerEnvironment,
  body: (context: ServerCallContext) => Promise<void>,
): Promise<void> {
  const startedAt = recorder?.start() ?? 0;
  const context = new ServerCallContext(call);
  let code: number = status.OK;
  try {
    await body(context);
    context.markAnswered();
    if (call.cancelled) code = status.CANCELLED;
    else call.end();
  } catch (error) {
    context.markAnswered();
    code = call.cancelled ? status.CANCELLED : statusOfError(error);
    if (!call.cancelled)
      call.emit("error", toServiceError(error, logUnexpected(log, call.getPath())));
  }
  recorder?.finish(call.getPath(), code, startedAt);
}

async function sendAll<Response>(
  call: WritableCall<Response>,
  responses: AsyncIterable<Response>,
  context: CallContext,
): Promise<void> {
  for await (const response of responses) {
    if (call.cancelled) return;
    await send(call, response, context.signal);
  }
}

async function send<Response>(
  call: WritableCall<Response>,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (call.write(response)) return;
  await new Promise<void>((resolve, reject) => {
    function settle(): void {
      call.off("drain", settle);
      signal.removeEventListener("abort", settle);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    }
    call.once("drain", settle);
    signal.addEventListener("abort", settle, { once: true });
  });
}

function logUnexpected(
  log: HandlerEnvironment["log"],
  method: string,
): (error: unknown, reference: string) => void {
  return (error, reference) =>
    log?.error({ err: error, method, reference }, "call failed unexpectedly");
}
