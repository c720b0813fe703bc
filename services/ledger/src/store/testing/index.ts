// SPDX-License-Identifier: Apache-2.0
export { FaultProxy } from "./fault-proxy.js";
export { startTestDatabase, type TestDatabase } from "./test-database.js";
