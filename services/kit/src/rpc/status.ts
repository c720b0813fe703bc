// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { rpcDetails, rpcStatus } from "@consortium/proto";
import { AppError, type AppErrorOptions } from "../errors/app-error.js";
import { categoryOfStatus, statusOfCategory } from "../errors/grpc-category.js";

/** `ErrorInfo.domain` of every error of this system. */
export const ERROR_DOMAIN = "consortium-ledger";

const STATUS_TRAILER = "grpc-status-details-bin";
const TYPE_PREFIX = "type.googleapis.com/google.rpc.";
/** The key under which the hint travels in `ErrorInfo.metadata`. */
const HINT_KEY = "hint";
/** Servers and proxies refuse large trailers (8 KiB is common): facts beyond this are left out. */
const DETAILS_BYTES_MAX = 4096;
/** A character can take nine bytes in the `grpc-message` trailer. */
const MESSAGE_CHARACTERS_MAX = 1000;

/**
 * What is sent to the caller for an error. An error that is not an {@link AppError} becomes INTERNAL
 * with a reference that the log shows too: its own message may hold anything, so it is never sent.
 */
export function toServiceError(
  error: unknown,
  onUnexpected?: (error: unknown, reference: string) => void,
): ServiceError {
  if (error instanceof AppError) return encode(error);
  const reference = randomBytes(6).toString("hex");
  onUnexpected?.(error, reference);
  return encode(
    new AppError("INTERNAL", "internal", `internal error, reference ${reference}`, {
      details: { reference },
      hint: "Ask the operator of the node to look the reference up in its log.",
    }),
  );
}

/** The error that a caller sees: `code` is the server's reason, or the gRPC status name without one. */
export function fromServiceError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!isServiceError(error)) {
    return new AppError("INTERNAL", "internal", messageOf(error), { cause: error });
  }
  const category = categoryOfStatus(error.code);
  const details = readDetails(error);
  const info = details.info;
  const code = info?.reason || status[error.code] || "UNKNOWN";
  const options: AppErrorOptions = { cause: error };
  if (info !== undefined) {
    const { [HINT_KEY]: hint, ...facts } = info.metadata;
    options.details = facts;
    if (hint !== undefined) options.hint = hint;
  }
  if (details.badRequest !== undefined)
    options.fieldViolations = details.badRequest.fieldViolations;
  if (details.retryAfterMs !== undefined) options.retryAfterMs = details.retryAfterMs;
  return new AppError(code, category, error.details || error.message, options);
}

function encode(error: AppError): ServiceError {
  const code = statusOfCategory(error.category);
  const message = wireMessage(error.message);
  const metadata = new Metadata();
  metadata.set(STATUS_TRAILER, encodeStatus(error, code, message));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

function encodeStatus(error: AppError, code: number, message: string): Buffer {
  const details = [
    any(
      "ErrorInfo",
      rpcDetails.ErrorInfo.encode({
        reason: error.code,
        domain: ERROR_DOMAIN,
        metadata:
          error.hint === undefined
            ? { ...error.details }
            : { ...error.details, [HINT_KEY]: error.hint },
      }).finish(),
    ),
  ];
  if (error.fieldViolations.length > 0) {
    details.push(
      any(
        "BadRequest",
        rpcDetails.BadRequest.encode({ fieldViolations: [...error.fieldViolations] }).finish(),
      ),
    );
  }
  if (error.retryAfterMs !== undefined) {
    details.push(
      any(
        "RetryInfo",
        rpcDetails.RetryInfo.encode({ retryDelay: delayOf(error.retryAfterMs) }).finish(),
      ),
    );
  }
  const kept = details.filter((detail) => detail.value.length <= DETAILS_BYTES_MAX);
  if (
    kept.length < details.length &&
    !kept.some((detail) => detail.typeUrl.endsWith("ErrorInfo"))
  ) {
    // The reason must arrive whatever else is too large.
    kept.unshift(
      any(
        "ErrorInfo",
        rpcDetails.ErrorInfo.encode({
          reason: error.code,
          domain: ERROR_DOMAIN,
          metadata: {},
        }).finish(),
      ),
    );
  }
  return Buffer.from(rpcStatus.Status.encode({ code, message, details: kept }).finish());
}

/** Half a surrogate pair, which may come from a caller's text, would make gRPC throw. */
function wireMessage(message: string): string {
  if (message.length <= MESSAGE_CHARACTERS_MAX) return message.toWellFormed();
  return `${message.slice(0, MESSAGE_CHARACTERS_MAX - 1).toWellFormed()}…`;
}

function any(type: string, value: Uint8Array): { typeUrl: string; value: Uint8Array } {
  return { typeUrl: TYPE_PREFIX + type, value };
}

function delayOf(ms: number): rpcDetails.RetryInfo_Delay {
  const whole = Math.max(0, Math.round(ms));
  return { seconds: BigInt(Math.floor(whole / 1000)), nanos: (whole % 1000) * 1_000_000 };
}

interface StatusDetails {
  info?: rpcDetails.ErrorInfo;
  badRequest?: rpcDetails.BadRequest;
  retryAfterMs?: number;
}

function readDetails(error: ServiceError): StatusDetails {
  const result: StatusDetails = {};
  const raw = error.metadata?.get(STATUS_TRAILER)[0];
  if (!Buffer.isBuffer(raw)) return result;
  try {
    for (const detail of rpcStatus.Status.decode(raw).details) readDetail(detail, result);
  } catch {
    // The details come from a peer: unreadable ones leave code and message, which are enough.
  }
  return result;
}

function readDetail(detail: { typeUrl: string; value: Uint8Array }, into: StatusDetails): void {
  if (detail.typeUrl === `${TYPE_PREFIX}ErrorInfo`) {
    into.info = rpcDetails.ErrorInfo.decode(detail.value);
  } else if (detail.typeUrl === `${TYPE_PREFIX}BadRequest`) {
    into.badRequest = rpcDetails.BadRequest.decode(detail.value);
  } else if (detail.typeUrl === `${TYPE_PREFIX}RetryInfo`) {
    const delay = rpcDetails.RetryInfo.decode(detail.value).retryDelay;
    if (delay !== undefined) into.retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
