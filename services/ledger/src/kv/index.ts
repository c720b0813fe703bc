// SPDX-License-Identifier: Apache-2.0
export { KvState } from "./state.js";
export { findConflict, Transaction } from "./transaction.js";
export {
  keyFromBytes,
  keyFromText,
  keyToBytes,
  keyToText,
  SINGLETON_KEY,
  type KeyRange,
  type KvKey,
  type KvReader,
  type ReadDependency,
  type VersionedValue,
  type WriteSet,
} from "./types.js";
