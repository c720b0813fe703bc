// SPDX-License-Identifier: Apache-2.0
import { requireBytes } from "./arguments.js";
import { core } from "./core.js";
import { SigningKey, type VerifyingKey } from "./ecdsa.js";
import { CryptoError, guarded } from "./error.js";

/** The parts of a COSE_Sign1 message, as they were received. */
export interface CoseSign1 {
  /**
   * The encoded map of the protected header, without its byte-string head; empty if there is none.
   */
  readonly protectedHeader: Uint8Array;
  /** The encoded map of the unprotected header. */
  readonly unprotectedHeader: Uint8Array;
  /** The payload; `null` if it is detached. */
  readonly payload: Uint8Array | null;
  /** r ‖ s. */
  readonly signature: Uint8Array;
}

const ALGORITHMS = { Secp256R1: -7, Secp384R1: -35 } as const;

/**
 * Signs and encodes a tagged COSE_Sign1 message (RFC 9052) with an empty unprotected header. The
 * protected header is an encoded map that names the key's algorithm: −7 for P-256, −35 for P-384.
 *
 * @example
 * ```ts
 * const message = coseSign1Sign(key, protectedHeader, payload, { detached: false });
 * ```
 */
export function coseSign1Sign(
  key: SigningKey,
  protectedHeader: Uint8Array,
  payload: Uint8Array,
  options: { detached: boolean },
): Uint8Array {
  if (!(key instanceof SigningKey)) throw new TypeError("key must be a SigningKey");
  requireBytes(protectedHeader, "protectedHeader");
  requireBytes(payload, "payload");
  const inner = SigningKey.inner(key);
  return guarded(() => inner.coseSign1(protectedHeader, payload, options.detached));
}

/**
 * Reads a message strictly: tag 18, four parts, definite lengths, limited depth, unique integer or
 * text labels, no byte more. Throws `MALFORMED_COSE`. The signature is not checked.
 *
 * @example
 * ```ts
 * const { protectedHeader, payload } = coseSign1Parse(request);
 * ```
 */
export function coseSign1Parse(message: Uint8Array): CoseSign1 {
  requireBytes(message, "message");
  const offsets = guarded(() => core().coseSign1Parse(message));
  const part = (index: number): Uint8Array =>
    Uint8Array.from(message.subarray(offsets[index], offsets[index + 1]));
  return {
    protectedHeader: part(0),
    unprotectedHeader: part(2),
    payload: offsets[8] === 1 ? null : part(4),
    signature: part(6),
  };
}

/**
 * The bytes a signature covers: `["Signature1", protected, h'', payload]`.
 *
 * @example
 * ```ts
 * const digest = sha256(coseSigStructure(protectedHeader, payload)); // for a key in a hardware
 * module
 * ```
 */
export function coseSigStructure(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  requireBytes(protectedHeader, "protectedHeader");
  requireBytes(payload, "payload");
  return core().coseSigStructure(protectedHeader, payload);
}

/**
 * The algorithm that a protected header names, or `undefined`. Throws `MALFORMED_COSE` if the
 * header is not well formed.
 *
 * @example
 * ```ts
 * if (coseAlgorithm(protectedHeader) !== -35) throw new Error("only ES384 is accepted here");
 * ```
 */
export function coseAlgorithm(protectedHeader: Uint8Array): number | undefined {
  requireBytes(protectedHeader, "protectedHeader");
  return guarded(() => core().coseAlgorithm(protectedHeader));
}

/**
 * Whether the signature is the key's, and the header names the key's algorithm. A message with its
 * payload inside is checked without `detachedPayload`, one without payload is checked with it;
 * everything else is false.
 *
 * @example
 * ```ts
 * const genuine = coseSign1Verify(coseSign1Parse(bytes), root, serviceKey);
 * ```
 */
export function coseSign1Verify(
  message: CoseSign1,
  detachedPayload: Uint8Array | undefined,
  key: VerifyingKey,
): boolean {
  if (detachedPayload !== undefined) requireBytes(detachedPayload, "detachedPayload");
  if ((message.payload === null) !== (detachedPayload !== undefined)) return false;
  const payload = detachedPayload ?? message.payload;
  if (payload === null || !namesAlgorithm(message.protectedHeader, ALGORITHMS[key.curve]))
    return false;
  return key.verify(coseSigStructure(message.protectedHeader, payload), message.signature);
}

function namesAlgorithm(protectedHeader: Uint8Array, algorithm: number): boolean {
  try {
    return coseAlgorithm(protectedHeader) === algorithm;
  } catch (error) {
    if (error instanceof CryptoError) return false;
    throw error;
  }
}
