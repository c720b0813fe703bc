// SPDX-License-Identifier: Apache-2.0
export * from "./expectations.js";
export * from "./explain-evidence.js";
export type { ExplainedField } from "./fields.js";
