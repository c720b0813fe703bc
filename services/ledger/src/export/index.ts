// SPDX-License-Identifier: Apache-2.0
export type { WrittenFile } from "./chunk-file.js";
export { exportErrors } from "./errors.js";
export {
  CHUNK_SIZE_DEFAULT,
  writeLedgerDirectory,
  type WriteDirectoryOptions,
  type WrittenLedger,
} from "./write-directory.js";
