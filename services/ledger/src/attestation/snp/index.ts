// SPDX-License-Identifier: Apache-2.0
export * from "./endorsements.js";
export * from "./product.js";
export * from "./report.js";
export * from "./report-bits.js";
export * from "./roots.js";
export * from "./tcb.js";
export * from "./vcek.js";
export * from "./verify-report.js";
