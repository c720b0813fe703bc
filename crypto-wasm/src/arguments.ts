// SPDX-License-Identifier: Apache-2.0

/**
 * Everything handed to the core is copied into its memory, of which there are 4 GiB for input and
 * result.
 */
const BYTES_MAX = 2 ** 28;

/** Checks for bytes, of exactly `length` if it is given. */
export function requireBytes(value: unknown, name: string, length?: number): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  if (length !== undefined && value.length !== length) {
    throw new RangeError(`${name} must be ${length} bytes, not ${value.length}`);
  }
  if (value.length > BYTES_MAX) throw new RangeError(`${name} must be at most ${BYTES_MAX} bytes`);
}

/** Checks for an integer between `min` and `max`, both allowed. */
export function requireInteger(
  value: unknown,
  name: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): void {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number`);
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, not ${value}`);
  }
}

/** The inner object of a wrapper, unless it was disposed. */
export function alive<T>(inner: T | undefined, name: string): T {
  if (inner === undefined) throw new TypeError(`the ${name} was disposed`);
  return inner;
}
