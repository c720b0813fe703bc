// SPDX-License-Identifier: Apache-2.0

/** What kind of failure it is, for a caller that does not know the code. One per gRPC status. */
export type ErrorCategory =
  | "invalid_argument"
  | "unauthenticated"
  | "permission_denied"
  | "not_found"
  | "already_exists"
  | "failed_precondition"
  | "aborted"
  | "out_of_range"
  | "unavailable"
  | "resource_exhausted"
  | "deadline_exceeded"
  | "internal"
  | "data_loss"
  | "unimplemented"
  | "cancelled";

/** One refused field of a request or of a configuration. */
export interface FieldViolation {
  /** Dotted path of the field, as the caller wrote it. */
  field: string;
  /** What was expected, in words. */
  description: string;
}

export interface AppErrorOptions {
  /** Facts for programs, sent to the caller: never secrets, never payloads. */
  details?: Readonly<Record<string, string>>;
  /** What to do about it, in one sentence. */
  hint?: string;
  /** Stays in our log; never sent. */
  cause?: unknown;
  fieldViolations?: readonly FieldViolation[];
  /** How long to wait before trying again. */
  retryAfterMs?: number;
}

/**
 * The one error class. `code` is UPPER_SNAKE_CASE and stable for ever, `message` is for a stranger.
 * Made by the function that {@link defineErrors} returns, never by hand.
 */
export class AppError<Code extends string = string> extends Error {
  override readonly name = "AppError";
  readonly code: Code;
  readonly category: ErrorCategory;
  readonly details: Readonly<Record<string, string>>;
  readonly hint: string | undefined;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, category: ErrorCategory, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.category = category;
    this.details = options.details ?? {};
    this.hint = options.hint;
    this.fieldViolations = options.fieldViolations ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for an {@link AppError}, and if codes are given, for one of these codes. */
export function isAppError<Code extends string>(
  error: unknown,
  ...codes: Code[]
): error is AppError<Code> {
  if (!(error instanceof AppError)) return false;
  return codes.length === 0 || codes.some((code) => code === error.code);
}
