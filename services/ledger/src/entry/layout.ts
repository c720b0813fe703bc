// SPDX-License-Identifier: Apache-2.0

/** Bytes before the size ends: version (1), flags (1), size (6). */
export const ENTRY_HEADER_BYTES = 8;
export const GCM_TAG_BYTES = 16;
export const GCM_IV_BYTES = 12;
export const DIGEST_BYTES = 32;

/** Header, tag, IV and the length of the public domain: where the public domain starts. */
export const PUBLIC_DOMAIN_OFFSET = ENTRY_HEADER_BYTES + GCM_TAG_BYTES + GCM_IV_BYTES + 8;

/** What an entry holds after its header at the least. */
export const ENTRY_SIZE_MIN = PUBLIC_DOMAIN_OFFSET - ENTRY_HEADER_BYTES;

/** CCF's reader refuses more. */
export const ENTRY_SIZE_MAX = 1024 ** 3;

export const ENTRY_VERSION = 1;

export const EntryFlag = {
  /** The chunk ends with this entry, whatever its size. */
  chunkAfter: 0x01,
  /** A new chunk starts with this entry. */
  chunkBefore: 0x02,
} as const;

export const ENTRY_FLAGS_MASK = EntryFlag.chunkAfter | EntryFlag.chunkBefore;

/** How the leaf of an entry is made. Today's services write only the last one. */
export const EntryType = {
  writeSet: 0,
  snapshot: 1,
  withClaims: 2,
  withCommitEvidence: 3,
  withCommitEvidenceAndClaims: 4,
} as const;

export type EntryTypeValue = 0 | 2 | 3 | 4;

/** Maps whose name starts so are stored in plain text. */
export const PUBLIC_PREFIX = "public:";

export type Domain = "public" | "private";

export function domainOf(map: string): Domain {
  return map.startsWith(PUBLIC_PREFIX) ? "public" : "private";
}
