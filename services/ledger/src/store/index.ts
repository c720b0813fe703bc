// SPDX-License-Identifier: Apache-2.0
export { CHUNK_BYTES_MAX, type Chunk } from "./append.js";
export type { StoredChunk } from "./copy-parser.js";
export { storeErrors } from "./errors.js";
export { GroupReader, openGroupReader, type GroupReaderOptions } from "./group-reader.js";
export { GroupStore, openGroupStore, type GroupStoreOptions } from "./group-store.js";
export type { Head } from "./head.js";
export type { LeaseOutcome } from "./lease.js";
export { migrate, type MigrateOptions } from "./migrate.js";
export {
  defaultRoles,
  ensureServiceRoles,
  revokeGroup,
  type ServiceName,
  type ServiceRole,
} from "./roles.js";
export {
  pruneSnapshots,
  SNAPSHOT_BYTES_MAX,
  type PruneSnapshotsOptions,
  type SnapshotFile,
  type StoredSnapshot,
} from "./snapshots.js";
export { SCHEMA_VERSION } from "./schema.js";
