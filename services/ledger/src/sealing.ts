// SPDX-License-Identifier: Apache-2.0

/**
 * The part of this package that makes entries and signature transactions, for threads that do
 * nothing else: a thread loads its modules anew, and the whole package costs tens of megabytes.
 */
export { EntryFlag } from "./entry/layout.js";
export { encodeMaps } from "./entry/encode-maps.js";
export { packBatch } from "./entry/pack-batch.js";
export { formatTransactionId } from "./entry/transaction-id.js";
export { buildSignatureWrites } from "./signature/build-signature.js";
export { COSE_ALGORITHM, coseProtectedHeader } from "./signature/cose-header.js";
