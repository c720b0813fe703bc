// SPDX-License-Identifier: Apache-2.0
export {
  buildSnapshot,
  contentOf,
  giveEvidence,
  stateOf,
  type BuildSnapshotOptions,
  type BuiltSnapshot,
  type EvidenceOptions,
  type LedgerState,
} from "./build-snapshot.js";
