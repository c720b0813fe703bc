// SPDX-License-Identifier: Apache-2.0
import type { WriteSet } from "../kv/types.js";
import { ByteWriter } from "./byte-writer.js";
import { writeMaps } from "./encode-maps.js";
import { entryErrors } from "./errors.js";
import { DIGEST_BYTES, ENTRY_FLAGS_MASK, ENTRY_SIZE_MAX } from "./layout.js";

/** What becomes one entry; the crypto core adds seqno, view, evidence and encryption. */
export interface BatchEntry {
  readonly writes: WriteSet;
  /** See `EntryFlag`; none by default. */
  readonly flags?: number;
  /** SHA-256 of the application's claims; zeros when absent. */
  readonly claimsDigest?: Uint8Array;
}

/**
 * Packs entries for `LedgerSecret.seal`: per entry the lengths of its public and private map records
 * (u32 each), flags (u8), claims digest (32 bytes), then the records. Its buffer is used again.
 *
 * @example
 * const packer = new BatchPacker();
 * packer.add(writes);
 * const sealed = secret.seal({ view, firstSeqno, batch: packer.view() });
 * packer.clear();
 */
export class BatchPacker {
  readonly #writer = new ByteWriter(256 * 1024);
  #count = 0;

  /** How many entries were added since {@link clear}. */
  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#writer.length;
  }

  add(writes: WriteSet, flags = 0, claimsDigest?: Uint8Array): void {
    if ((flags & ~ENTRY_FLAGS_MASK) !== 0) throw new RangeError(`unknown entry flags ${flags}`);
    const writer = this.#writer;
    const start = writer.skip(8);
    writer.u8(flags);
    if (claimsDigest === undefined) {
      writer.zeros(DIGEST_BYTES);
    } else {
      if (claimsDigest.length !== DIGEST_BYTES)
        throw new RangeError("a claims digest has 32 bytes");
      writer.bytes(claimsDigest);
    }
    const publicAt = writer.length;
    writeMaps(writer, writes, "public");
    const privateAt = writer.length;
    writeMaps(writer, writes, "private");
    const total = writer.length - publicAt;
    if (total > ENTRY_SIZE_MAX / 2) {
      writer.truncate(start);
      throw entryErrors("TRANSACTION_TOO_LARGE", `a transaction of ${total} bytes is too large`);
    }
    writer.setU32(start, privateAt - publicAt);
    writer.setU32(start + 4, writer.length - privateAt);
    this.#count += 1;
  }

  /** The batch, valid until the next {@link add} or {@link clear}. */
  view(): Uint8Array {
    return this.#writer.view();
  }

  clear(): void {
    this.#writer.clear();
    this.#count = 0;
  }
}

/** A batch of its own memory, for the few places that pack once. */
export function packBatch(entries: Iterable<BatchEntry>): Uint8Array {
  const packer = new BatchPacker();
  for (const entry of entries) packer.add(entry.writes, entry.flags, entry.claimsDigest);
  return Uint8Array.from(packer.view());
}
