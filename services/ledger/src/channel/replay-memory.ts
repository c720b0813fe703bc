// SPDX-License-Identifier: Apache-2.0
import { sha256 } from "@consortium/crypto-wasm";
import { concat } from "./wire.js";

const REMEMBERED_MAX = 256;

/**
 * The inits of one peer that were answered lately. An init proves who made it, not when: a repeated
 * one would lead nowhere, but answering it would cost milliseconds each time.
 */
export class ReplayMemory {
  readonly #seen = new Set<string>();

  /** Key share and salt are signed, and new in every init of an honest node. */
  has(share: Uint8Array, salt: Uint8Array): boolean {
    return this.#seen.has(fingerprint(share, salt));
  }

  add(share: Uint8Array, salt: Uint8Array): void {
    this.#seen.add(fingerprint(share, salt));
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED_MAX && oldest !== undefined) this.#seen.delete(oldest);
  }
}

function fingerprint(share: Uint8Array, salt: Uint8Array): string {
  return Buffer.from(sha256(concat(salt, share))).toString("base64");
}
