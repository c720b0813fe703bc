// SPDX-License-Identifier: Apache-2.0
export * from "./errors/index.js";
export * from "./log/index.js";
export * from "./rpc/index.js";
export * from "./x509/index.js";
