// SPDX-License-Identifier: Apache-2.0
export {
  buildSnapshot,
  giveEvidence,
  replicaOf,
  type BuiltSnapshot,
  type BuildSnapshotOptions,
} from "./build-snapshot.js";
