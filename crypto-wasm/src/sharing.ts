// SPDX-License-Identifier: Apache-2.0
import { requireBytes, requireInteger } from "./arguments.js";
import { core } from "./core.js";
import { guarded } from "./error.js";

/** A fresh secret and its shares, 44 bytes each. */
export interface SplitSecret {
  /** The whole secret: the share at x = 0. */
  readonly secret: Uint8Array;
  /** The shares at x = 1, 2, …; any `threshold` of them give the secret back. */
  readonly shares: readonly Uint8Array[];
}

const SHARE_LENGTH = 44;
const COUNT_MAX = 65536;

/**
 * Draws a secret and splits it. Wipe what is not needed any more with `fill(0)`.
 *
 * @example
 * ```ts
 * const { secret, shares } = splitSecret({ threshold: 2, count: 3 });
 * const wrappingKey = deriveWrappingKey(secret);
 * ```
 */
export function splitSecret(options: { threshold: number; count: number }): SplitSecret {
  const { threshold, count } = options;
  requireInteger(count, "count", 1, COUNT_MAX);
  requireInteger(threshold, "threshold", 1, count);
  const all = guarded(() => core().splitSecret(threshold, count));
  const share = (x: number): Uint8Array => all.slice(x * SHARE_LENGTH, (x + 1) * SHARE_LENGTH);
  const split = {
    secret: share(0),
    shares: Array.from({ length: count }, (_, index) => share(index + 1)),
  };
  all.fill(0);
  return split;
}

/**
 * The whole secret from at least `threshold` shares with different x. Shares are not authenticated:
 * a wrong or missing one gives a wrong secret, which the key derived from it shows. Throws
 * `INVALID_SHARE` for two shares with one x.
 *
 * @example
 * ```ts
 * const wrappingKey = deriveWrappingKey(combineShares([shares[0], shares[2]]));
 * ```
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array {
  if (!Array.isArray(shares)) throw new TypeError("shares must be an array");
  if (shares.length < 1 || shares.length > COUNT_MAX)
    throw new RangeError(`shares must be 1 to ${COUNT_MAX}`);
  const all = new Uint8Array(shares.length * SHARE_LENGTH);
  for (const [index, share] of shares.entries()) {
    requireBytes(share, `shares[${index}]`, SHARE_LENGTH);
    all.set(share, index * SHARE_LENGTH);
  }
  try {
    return guarded(() => core().combineShares(all));
  } finally {
    all.fill(0);
  }
}

/**
 * The 32-byte key that wraps the ledger secret, from the whole secret.
 *
 * @example
 * ```ts
 * const ledgerSecret = aesGcmOpen(deriveWrappingKey(secret), new Uint8Array(12), new Uint8Array(),
 * wrapped);
 * ```
 */
export function deriveWrappingKey(secret: Uint8Array): Uint8Array {
  requireBytes(secret, "secret", SHARE_LENGTH);
  return guarded(() => core().deriveWrappingKey(secret));
}
