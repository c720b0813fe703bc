// SPDX-License-Identifier: Apache-2.0
import { LedgerSecret } from "@consortium/crypto-wasm";

interface Ring {
  readonly version: number;
  readonly secret: LedgerSecret;
  readonly raw: Uint8Array;
}

/** The ledger secrets a process holds, each with the first seqno it encrypts. */
export class SecretRing implements Disposable {
  readonly #ring: Ring[] = [];

  /** Adds a secret; a version that is there already is kept. */
  add(version: number, raw: Uint8Array): void {
    if (this.#ring.some((other) => other.version === version)) return;
    this.#ring.push({ version, secret: new LedgerSecret(raw), raw: Uint8Array.from(raw) });
    this.#ring.sort((a, b) => a.version - b.version);
  }

  /** Adds a secret that is known for sure: another one of its version gives way. */
  replace(version: number, raw: Uint8Array): void {
    const index = this.#ring.findIndex((other) => other.version === version);
    const [other] = index < 0 ? [] : this.#ring.splice(index, 1);
    other?.secret.dispose();
    other?.raw.fill(0);
    this.add(version, raw);
  }

  /** The secret that encrypted a seqno. */
  secretOf(seqno: number): LedgerSecret | undefined {
    return this.#ring.findLast(({ version }) => version <= seqno)?.secret;
  }

  /** The same as 32 bytes, which stay the ring's: snapshots are sealed and opened with them. */
  rawOf(seqno: number): Uint8Array | undefined {
    return this.#ring.findLast(({ version }) => version <= seqno)?.raw;
  }

  /** Forgets every secret; the ring can be filled again. */
  clear(): void {
    for (const { secret, raw } of this.#ring.splice(0)) {
      secret.dispose();
      raw.fill(0);
    }
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
