// SPDX-License-Identifier: Apache-2.0

/** What needs neither a database nor a network: reading, verifying and writing ledgers and receipts. */
export * from "./entry/index.js";
export * from "./export/index.js";
export * from "./receipt/index.js";
export * from "./signature/index.js";
export * from "./snapshot/index.js";
export * from "./tables/index.js";
export * from "./verify/index.js";
