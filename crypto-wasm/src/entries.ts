// SPDX-License-Identifier: Apache-2.0
import { requireBytes } from "./arguments.js";
import { core } from "./core.js";
import { guarded } from "./error.js";

/** What can be computed from ledger entries without a key. */
export interface EntryDigests {
  /**
   * Where each entry begins, and last where the chunk ends: one number more than there are entries.
   */
  readonly offsets: Uint32Array;
  /** One leaf of 32 bytes for each entry. */
  readonly leaves: Uint8Array;
  /** One write-set digest of 32 bytes for each entry. */
  readonly writeSetDigests: Uint8Array;
}

/**
 * Finds and digests the entries of a chunk, which must be entries from end to end. Throws
 * `MALFORMED_ENTRY` with the index of the first that is not.
 *
 * @example
 * ```ts
 * const { leaves } = digestEntries(chunk);
 * tree.append(leaves);
 * ```
 */
export function digestEntries(entries: Uint8Array): EntryDigests {
  requireBytes(entries, "entries");
  const output = guarded(() => core().digestEntries(entries));
  const digests = {
    offsets: output.takeOffsets(),
    leaves: output.takeLeaves(),
    writeSetDigests: output.takeBytes(),
  };
  output.free();
  return digests;
}
