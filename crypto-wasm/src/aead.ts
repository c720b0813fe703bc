// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv } from "node:crypto";
import { alive, requireBytes } from "./arguments.js";
import { core } from "./core.js";
import { guarded } from "./error.js";
import type { AesGcmKey as CoreAesGcmKey } from "../pkg/ledger_crypto.js";

const KEY_LENGTH = 32;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const NATIVE = "aes-256-gcm";
/** From here on node:crypto, with the processor's AES instructions, outruns the core. */
const NATIVE_FROM_BYTES = 2048;

/**
 * An AES-256-GCM key that is expanded once and used for many messages. Never use an IV twice with
 * one key.
 *
 * @example
 * ```ts
 * using key = new AesGcmKey(raw);
 * const sealed = key.seal(iv, aad, plaintext);
 * ```
 */
export class AesGcmKey {
  readonly #raw: Uint8Array;
  #inner: CoreAesGcmKey | undefined;

  constructor(key: Uint8Array) {
    requireBytes(key, "key", KEY_LENGTH);
    this.#raw = Uint8Array.from(key);
    this.#inner = guarded(() => new (core().AesGcmKey)(key));
  }

  /** Tag (16 bytes) ‖ ciphertext. */
  seal(iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const inner = alive(this.#inner, "key");
    requireBytes(iv, "iv", IV_LENGTH);
    requireBytes(aad, "aad");
    requireBytes(plaintext, "plaintext");
    if (plaintext.length + aad.length >= NATIVE_FROM_BYTES)
      return sealNatively(this.#raw, iv, aad, plaintext);
    const message = new Uint8Array(TAG_LENGTH + plaintext.length);
    message.set(plaintext, TAG_LENGTH);
    return guarded(() => inner.seal(iv, aad, message));
  }

  /**
   * The plaintext, or `undefined` when key, IV, additional data, tag and ciphertext do not belong
   * together.
   */
  open(iv: Uint8Array, aad: Uint8Array, tagAndCiphertext: Uint8Array): Uint8Array | undefined {
    const inner = alive(this.#inner, "key");
    requireBytes(iv, "iv", IV_LENGTH);
    requireBytes(aad, "aad");
    requireBytes(tagAndCiphertext, "tagAndCiphertext");
    if (tagAndCiphertext.length < TAG_LENGTH) return undefined;
    const tag = tagAndCiphertext.subarray(0, TAG_LENGTH);
    const ciphertext = tagAndCiphertext.subarray(TAG_LENGTH);
    if (ciphertext.length + aad.length >= NATIVE_FROM_BYTES)
      return openNatively(this.#raw, iv, aad, tag, ciphertext);
    return guarded(() => inner.open(iv, aad, tag, ciphertext));
  }

  /** Wipes the key. */
  dispose(): void {
    this.#raw.fill(0);
    this.#inner?.free();
    this.#inner = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Seals one message with AES-256-GCM; gives tag (16 bytes) ‖ ciphertext.
 *
 * @example
 * ```ts
 * const sealed = aesGcmSeal(key, iv, new Uint8Array(), plaintext);
 * ```
 */
export function aesGcmSeal(
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  using expanded = new AesGcmKey(key);
  return expanded.seal(iv, aad, plaintext);
}

/**
 * Opens what {@link aesGcmSeal} made; `undefined` when it does not authenticate.
 *
 * @example
 * ```ts
 * const plaintext = aesGcmOpen(key, iv, new Uint8Array(), sealed);
 * if (plaintext === undefined) console.log("altered, or sealed with another key");
 * ```
 */
export function aesGcmOpen(
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  tagAndCiphertext: Uint8Array,
): Uint8Array | undefined {
  using expanded = new AesGcmKey(key);
  return expanded.open(iv, aad, tagAndCiphertext);
}

function sealNatively(
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(NATIVE, key, iv).setAAD(aad);
  const message = new Uint8Array(TAG_LENGTH + plaintext.length);
  message.set(cipher.update(plaintext), TAG_LENGTH);
  cipher.final();
  message.set(cipher.getAuthTag());
  return message;
}

function openNatively(
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  tag: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  const decipher = createDecipheriv(NATIVE, key, iv, { authTagLength: TAG_LENGTH })
    .setAAD(aad)
    .setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
  } catch {
    // The only way `final` fails here is a tag that does not fit.
    plaintext.fill(0);
    return undefined;
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
}
