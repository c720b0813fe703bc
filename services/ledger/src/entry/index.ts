// SPDX-License-Identifier: Apache-2.0
export {
  decodeEntry,
  entryLength,
  entryLengthFromHeader,
  iterateEntries,
  type DecodedEntry,
} from "./decode-entry.js";
export { decodeMaps } from "./decode-maps.js";
export { encodeMaps } from "./encode-maps.js";
export { entryErrors } from "./errors.js";
export {
  domainOf,
  ENTRY_HEADER_BYTES,
  EntryFlag,
  EntryType,
  PUBLIC_PREFIX,
  type Domain,
  type EntryTypeValue,
} from "./layout.js";
export { BatchPacker, packBatch, type BatchEntry } from "./pack-batch.js";
export { formatTransactionId, parseTransactionId } from "./transaction-id.js";
