// SPDX-License-Identifier: Apache-2.0
import { AesGcmKey } from "@consortium/crypto-wasm";
import { channelErrors } from "./errors.js";
import { concat, malformed, WireReader, writeU64 } from "./wire.js";

const TAG_BYTES = 16;
const IV_BYTES = 8;
/** `tag ‖ IV`, between the additional data and the ciphertext. */
export const GCM_HEADER_BYTES = TAG_BYTES + IV_BYTES;

const COUNTER_MAX = 2 ** 53 - 1;
const NOTHING = new Uint8Array();

/** Protects what goes in one direction: counter from 1, one IV per message, never twice. */
export class SendKey {
  readonly #key: AesGcmKey;
  #counter = 0;

  constructor(key: Uint8Array) {
    this.#key = new AesGcmKey(key);
    key.fill(0);
  }

  get count(): number {
    return this.#counter;
  }

  /** `AAD ‖ tag ‖ IV ‖ ciphertext`. */
  seal(aad: Uint8Array, plaintext: Uint8Array = NOTHING): Uint8Array {
    this.#counter += 1;
    const iv = ivOf(this.#counter);
    const sealed = this.#key.seal(gcmIv(iv), aad, plaintext);
    return concat(aad, sealed.subarray(0, TAG_BYTES), iv, sealed.subarray(TAG_BYTES));
  }

  dispose(): void {
    this.#key.dispose();
  }
}

/** Opens what the other side's {@link SendKey} protects, each message once and in order. */
export class ReceiveKey {
  readonly #key: AesGcmKey;
  #counter = 0;

  constructor(key: Uint8Array) {
    this.#key = new AesGcmKey(key);
    key.fill(0);
  }

  get count(): number {
    return this.#counter;
  }

  /** The plaintext. The frame is not altered, is no repetition, and none before it is missing. */
  open(frame: Uint8Array, aadBytes: number): Uint8Array {
    const reader = new WireReader(frame);
    const aad = reader.bytes(aadBytes, "additional data");
    const tag = reader.bytes(TAG_BYTES, "tag");
    const iv = reader.bytes(IV_BYTES, "IV");
    const counter = counterOf(iv);
    // The stream below loses nothing: a gap, as well as a repetition, is somebody's work.
    if (counter !== this.#counter + 1) {
      throw forged(`message ${counter} came after message ${this.#counter}`);
    }
    const ciphertext = reader.rest();
    const plaintext = this.#key.open(gcmIv(iv), aad, concat(tag, ciphertext));
    if (plaintext === undefined) throw forged("it does not authenticate");
    this.#counter = counter;
    return plaintext;
  }

  dispose(): void {
    this.#key.dispose();
  }
}

/** Byte 0 is 0, then the counter in 56 bits, little-endian. */
function ivOf(counter: number): Uint8Array {
  const wide = new Uint8Array(IV_BYTES + 1);
  writeU64(wide, 1, counter);
  return wide.subarray(0, IV_BYTES);
}

function counterOf(iv: Uint8Array): number {
  if (iv[0] !== 0) throw malformed("the IV does not begin with 0");
  let counter = 0;
  for (let at = IV_BYTES - 1; at > 0; at -= 1) counter = counter * 256 + (iv[at] ?? 0);
  if (counter > COUNTER_MAX) throw malformed("the counter is out of range");
  return counter;
}

/** AES-GCM takes 12 bytes: the 8 on the wire, then zeroes. */
function gcmIv(iv: Uint8Array): Uint8Array {
  const whole = new Uint8Array(12);
  whole.set(iv);
  return whole;
}

function forged(reason: string): Error {
  return channelErrors("CHANNEL_FRAME_FORGED", `a protected frame is refused: ${reason}`, {
    hint: "something between the nodes changes, repeats, reorders or drops messages",
  });
}
