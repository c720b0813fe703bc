// SPDX-License-Identifier: Apache-2.0
import { BatchPacker, type WriteSet } from "@consortium/ledger";

/** Buffers of batches that were sealed, to be used again. */
const spare: BatchPacker[] = [];
const SPARE_MAX = 8;

/** Executed transactions with consecutive seqnos that will be sealed and signed together. */
export class Batch {
  readonly firstSeqno: number;
  readonly #packer = spare.pop() ?? new BatchPacker();
  /** The ledger secret from this batch's signature on, if the last transaction rekeyed. */
  nextSecret: Uint8Array | null = null;
  endsFile = false;
  /** When its first transaction was executed, of `performance.now()`. */
  startedAt = performance.now();
  #count = 0;

  constructor(firstSeqno: number) {
    this.firstSeqno = firstSeqno;
  }

  get count(): number {
    return this.#count;
  }

  /** The seqno of the signature transaction that closes the batch. */
  get signatureSeqno(): number {
    return this.firstSeqno + this.#count;
  }

  add(writes: WriteSet, claimsDigest: Uint8Array | undefined): void {
    if (this.#count === 0) this.startedAt = performance.now();
    this.#packer.add(writes, 0, claimsDigest);
    this.#count += 1;
  }

  /** The packed transactions in memory of their own; the batch is spent afterwards. */
  take(): Uint8Array {
    const packed = Uint8Array.from(this.#packer.view());
    this.#packer.clear();
    if (spare.length < SPARE_MAX) spare.push(this.#packer);
    return packed;
  }
}
