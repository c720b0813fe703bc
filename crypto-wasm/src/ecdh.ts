// SPDX-License-Identifier: Apache-2.0
import { alive, requireBytes } from "./arguments.js";
import { core } from "./core.js";
import { guarded } from "./error.js";
import type { EcdhKeyPair as CoreEcdhKeyPair } from "../pkg/ledger_crypto.js";

/**
 * An ephemeral P-384 key pair for one Diffie-Hellman exchange.
 *
 * @example
 * ```ts
 * using ours = EcdhKeyPair.generate();
 * send(ours.publicPoint());
 * const secret = ours.sharedSecret(theirPoint);
 * ```
 */
export class EcdhKeyPair {
  #inner: CoreEcdhKeyPair | undefined;

  private constructor(inner: CoreEcdhKeyPair) {
    this.#inner = inner;
  }

  /** Draws a new pair. */
  static generate(): EcdhKeyPair {
    return new EcdhKeyPair(guarded(() => core().EcdhKeyPair.generate()));
  }

  /** Takes a big-endian private scalar of 48 bytes. */
  static fromScalar(scalar: Uint8Array): EcdhKeyPair {
    requireBytes(scalar, "scalar", 48);
    return new EcdhKeyPair(guarded(() => core().EcdhKeyPair.fromScalar(scalar)));
  }

  /** The public half as an uncompressed point of 97 bytes. */
  publicPoint(): Uint8Array {
    return alive(this.#inner, "key pair").publicPoint();
  }

  /**
   * The 48 bytes both sides share. Throws `INVALID_KEY` if the peer's point is not an uncompressed
   * point on the curve.
   */
  sharedSecret(peerPoint: Uint8Array): Uint8Array {
    const inner = alive(this.#inner, "key pair");
    requireBytes(peerPoint, "peerPoint");
    return guarded(() => inner.sharedSecret(peerPoint));
  }

  /** Wipes the private half. */
  dispose(): void {
    this.#inner?.free();
    this.#inner = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
