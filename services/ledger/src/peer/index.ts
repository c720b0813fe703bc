// SPDX-License-Identifier: Apache-2.0
export * from "./config.js";
export * from "./errors.js";
export * from "./evidence.js";
export * from "./identity.js";
export * from "./names.js";
