// SPDX-License-Identifier: Apache-2.0
export {
  fixtureEntries,
  fixturePath,
  fixtureServiceCert,
  type FixtureEntry,
  type FixtureName,
} from "./fixtures.js";
export {
  createTestNode,
  createTestService,
  type TestNode,
  type TestService,
} from "./identities.js";
export {
  LedgerBuilder,
  mergeWrites,
  writeRow,
  writeText,
  type BuiltEntry,
  type EntryOptions,
  type LedgerBuilderOptions,
  type SignatureChanges,
} from "./ledger-builder.js";
export {
  buildSnapshot,
  giveEvidence,
  type BuildSnapshotOptions,
  type BuiltSnapshot,
} from "../../snapshot/testing/index.js";
