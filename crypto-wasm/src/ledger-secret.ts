// SPDX-License-Identifier: Apache-2.0
import { alive, requireBytes, requireInteger } from "./arguments.js";
import { core } from "./core.js";
import { guarded } from "./error.js";
import type { LedgerSecret as CoreLedgerSecret } from "../pkg/ledger_crypto.js";

/** A batch to seal. */
export interface SealRequest {
  /** Below 2³¹. Never seal two different batches for one view and sequence number. */
  readonly view: number;
  /** The sequence number of the first entry; the others follow it. */
  readonly firstSeqno: number;
  /**
   * For each entry, without gaps: u32le length of the public map records, u32le length of the
   * private ones, u8 flags, 32 bytes claims digest, public map records, private map records.
   */
  readonly batch: Uint8Array;
}

/** Sealed entries. */
export interface SealedBatch {
  /** The entries, one after the other, as they stand on the ledger. */
  readonly entries: Uint8Array;
  /** Where each entry begins, and last where they end: one number more than there are entries. */
  readonly offsets: Uint32Array;
  /** One leaf of 32 bytes for each entry. */
  readonly leaves: Uint8Array;
}

const VIEW_MAX = 2 ** 31 - 1;

/**
 * The secret that encrypts the private domains of a ledger.
 *
 * @example
 * ```ts
 * using secret = new LedgerSecret(raw);
 * const { entries, leaves } = secret.seal({ view: 2, firstSeqno: 17, batch });
 * ```
 */
export class LedgerSecret {
  #inner: CoreLedgerSecret | undefined;

  /** Takes 32 bytes, which the caller may wipe afterwards. */
  constructor(raw: Uint8Array) {
    requireBytes(raw, "raw", 32);
    this.#inner = guarded(() => new (core().LedgerSecret)(raw));
  }

  /**
   * The text that proves a transaction was committed: `ce:<view>.<seqno>:<64 hex digits>`. Never
   * show it before that.
   */
  commitEvidence(view: number, seqno: number): string {
    const inner = alive(this.#inner, "ledger secret");
    requireInteger(view, "view", 0, VIEW_MAX);
    requireInteger(seqno, "seqno", 0);
    return inner.commitEvidence(view, seqno);
  }

  /** Encrypts and digests a batch in one call. Throws `MALFORMED_BATCH`. */
  seal(request: SealRequest): SealedBatch {
    const inner = alive(this.#inner, "ledger secret");
    const { view, firstSeqno, batch } = request;
    requireInteger(view, "view", 0, VIEW_MAX);
    requireInteger(firstSeqno, "firstSeqno", 1);
    requireBytes(batch, "batch");
    const output = guarded(() => inner.seal(view, firstSeqno, batch));
    const sealed = {
      entries: output.takeBytes(),
      offsets: output.takeOffsets(),
      leaves: output.takeLeaves(),
    };
    output.free();
    return sealed;
  }

  /**
   * The private map records of each entry of a chunk. Throws `ENTRY_NOT_AUTHENTIC` with the index
   * of an entry that was altered or sealed with another secret, and `MALFORMED_ENTRY`.
   */
  open(entries: Uint8Array): Uint8Array[] {
    const inner = alive(this.#inner, "ledger secret");
    requireBytes(entries, "entries");
    const output = guarded(() => inner.open(entries));
    const [plaintexts, offsets] = [output.takeBytes(), output.takeOffsets()];
    output.free();
    return Array.from({ length: offsets.length - 1 }, (_, index) =>
      plaintexts.subarray(offsets[index], offsets[index + 1]),
    );
  }

  /** Wipes the secret. */
  dispose(): void {
    this.#inner?.free();
    this.#inner = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
