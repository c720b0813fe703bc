// SPDX-License-Identifier: Apache-2.0
import { type DestinationStream, destination, type Logger as PinoLogger, pino } from "pino";
import { AppError } from "../errors/app-error.js";
import { textDestination } from "./text-format.js";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
export type Logger = PinoLogger;

export interface LoggerOptions {
  /** The process, for example `ccf-node`. */
  name: string;
  /** @default info */
  level?: LogLevel;
  /** `json` for machines, `text` for people. @default json */
  format?: "json" | "text";
  /** @default standard output */
  destination?: DestinationStream;
}

/** Fields that are never written, at the first and second level of a record. */
const SECRET_FIELDS = [
  "key",
  "privateKey",
  "keyPem",
  "password",
  "secret",
  "share",
  "authorization",
];

/**
 * A logger. Give each part its own by `log.child({ area: "store" })`; messages are constant, data goes in fields.
 *
 * @example
 * log.info({ seqno, view }, "signature written");
 */
export function createLogger(options: LoggerOptions): Logger {
  const output = options.destination ?? destination({ fd: 1, sync: true });
  return pino(
    {
      name: options.name,
      level: options.level ?? "info",
      base: { pid: process.pid },
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        censor: "[redacted]",
      },
      serializers: { err: (error: unknown) => describeError(error) },
    },
    options.format === "text" ? textDestination(output) : output,
  );
}

interface DescribedError {
  code?: string;
  message: string;
  details?: Readonly<Record<string, string>>;
  hint?: string;
  stack?: string;
  cause?: DescribedError;
}

/** Code and message for our own errors; the stack too for what nobody expected. */
export function describeError(error: unknown, causesMax = 8): DescribedError {
  if (!(error instanceof Error)) return { message: String(error) };
  const known = error.cause !== undefined && causesMax > 0;
  const cause = known ? { cause: describeError(error.cause, causesMax - 1) } : {};
  if (error instanceof AppError) {
    const details = Object.keys(error.details).length === 0 ? {} : { details: error.details };
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { code: error.code, message: error.message, ...details, ...hint, ...cause };
  }
  const code = "code" in error ? { code: String(error.code) } : {};
  const stack = error.stack === undefined ? {} : { stack: error.stack };
  return { ...code, message: error.message, ...stack, ...cause };
}
