// SPDX-License-Identifier: Apache-2.0

/** What the core refuses. The codes are stable. */
export type CryptoErrorCode =
  | "INVALID_KEY"
  | "MALFORMED_BATCH"
  | "MALFORMED_ENTRY"
  | "MALFORMED_COSE"
  | "MALFORMED_TREE"
  | "INVALID_SHARE"
  | "ENTRY_NOT_AUTHENTIC"
  | "INVALID_ARGUMENT"
  | "NO_ENTROPY";

/**
 * Bytes of the right type that the core cannot accept. Wrong types and sizes are `TypeError` and
 * `RangeError` instead.
 *
 * @example
 * ```ts
 * try {
 *   digestEntries(chunk);
 * } catch (error) {
 *   if (error instanceof CryptoError && error.code === "MALFORMED_ENTRY") console.log(error.index);
 * }
 * ```
 */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly code: CryptoErrorCode;
  /** The entry at fault, where there are many. */
  readonly index: number | undefined;

  constructor(
    code: CryptoErrorCode,
    message: string,
    options: { index?: number; cause?: unknown } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.index = options.index;
  }
}

/** Runs a call into the core and turns its errors into {@link CryptoError}. */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    return error;
  // The core knows no other codes than these.
  const code = error.code as CryptoErrorCode;
  const index = "index" in error && typeof error.index === "number" ? { index: error.index } : {};
  return new CryptoError(code, error.message, index);
}
