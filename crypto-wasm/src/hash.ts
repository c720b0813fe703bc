// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { requireBytes, requireInteger } from "./arguments.js";
import { core } from "./core.js";
import { guarded } from "./error.js";

/**
 * From here on node:crypto, with the processor's own instructions, outruns the core. Digests are no
 * secrets.
 */
const NATIVE_FROM_BYTES = 1024;

/**
 * SHA-256.
 *
 * @example
 * ```ts
 * const digest = sha256(new TextEncoder().encode("hello"));
 * ```
 */
export function sha256(data: Uint8Array): Uint8Array {
  requireBytes(data, "data");
  if (data.length < NATIVE_FROM_BYTES) return core().sha256(data);
  return new Uint8Array(createHash("sha256").update(data).digest());
}

/**
 * HMAC-SHA-256 (RFC 2104).
 *
 * @example
 * ```ts
 * const code = hmacSha256(key, message);
 * ```
 */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  requireBytes(key, "key");
  requireBytes(data, "data");
  return core().hmacSha256(key, data);
}

/**
 * HKDF-SHA-256, extract and expand (RFC 5869). An empty salt stands for 32 zero bytes.
 *
 * @example
 * ```ts
 * const key = hkdfSha256(sharedSecret, salt, new TextEncoder().encode("label"), 32);
 * ```
 */
export function hkdfSha256(
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  requireBytes(ikm, "ikm");
  requireBytes(salt, "salt");
  requireBytes(info, "info");
  requireInteger(length, "length", 0, 255 * 32);
  return guarded(() => core().hkdfSha256(ikm, salt, info, length));
}
