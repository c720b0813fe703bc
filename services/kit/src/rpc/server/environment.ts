// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { statusOfCategory } from "../../errors/grpc-category.js";
import { AppError } from "../../errors/app-error.js";
import type { Logger } from "../../log/logger.js";
import type { CallRecorder } from "./call-metrics.js";

/** What the adapters need from the server they are mounted in. */
export interface HandlerEnvironment {
  log: Logger | undefined;
  recorder: CallRecorder | undefined;
}

const BIND = Symbol("bind handler to its server");

interface Bindable<Handler> {
  [BIND]?: (environment: HandlerEnvironment) => Handler;
}

/** A gRPC handler that works anywhere, and reports to the log and metrics of the server it is mounted in. */
export function bindable<Handler extends object>(
  factory: (environment: HandlerEnvironment) => Handler,
): Handler {
  const handler = factory({ log: undefined, recorder: undefined });
  return Object.assign(handler, { [BIND]: factory });
}

/** The handler reporting to this server; a plain gRPC handler is returned as it is. */
export function bindTo<Handler extends object>(
  handler: Handler & Bindable<Handler>,
  environment: HandlerEnvironment,
): Handler {
  return handler[BIND]?.(environment) ?? handler;
}

/** The gRPC status that an error is answered with, for metrics. */
export function statusOfError(error: unknown): number {
  return error instanceof AppError ? statusOfCategory(error.category) : status.INTERNAL;
}
