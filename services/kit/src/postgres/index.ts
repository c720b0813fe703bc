// SPDX-License-Identifier: Apache-2.0
export { connectWritable, type ConnectOptions } from "./connect.js";
export { isConnectionError, sqlState } from "./connection-error.js";
export {
  findEmbeddedPostgres,
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from "./embedded/start.js";
export { postgresErrors } from "./errors.js";
export { splitHosts, withLogin } from "./hosts.js";
export { silentLog, type PostgresLog } from "./log.js";
export { createPool, withClient, type PoolOptions } from "./pool.js";
export { inTransaction } from "./transaction.js";
export { waitForPostgres, type WaitOptions } from "./wait.js";
