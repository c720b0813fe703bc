// SPDX-License-Identifier: Apache-2.0
export { snapshotErrors } from "./errors.js";
export { parseSnapshotFileName, snapshotFileName, type SnapshotName } from "./file-name.js";
export {
  finishSnapshot,
  snapshotEvidence,
  type FinishedSnapshot,
  type SnapshotEvidence,
} from "./finish-snapshot.js";
export { readSnapshot, type ReadSnapshotOptions, type LedgerSnapshot } from "./read-snapshot.js";
export {
  SnapshotProducer,
  type CommittedEntries,
  type SnapshotProducerOptions,
} from "./snapshot-producer.js";
export {
  SNAPSHOT_PART_BYTES,
  takeSnapshot,
  type SnapshotDraft,
  type SnapshotSource,
} from "./take-snapshot.js";
export { verifySnapshotReceipt, type SnapshotReceipt } from "./verify-receipt.js";
