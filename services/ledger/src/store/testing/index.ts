// SPDX-License-Identifier: Apache-2.0
export { startTestDatabase, type TestDatabase } from "./test-database.js";
