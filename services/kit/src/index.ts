// SPDX-License-Identifier: Apache-2.0
export * from "./config/index.js";
export * from "./errors/index.js";
export * from "./lifecycle/index.js";
export * from "./log/index.js";
export * from "./metrics/index.js";
export * from "./postgres/index.js";
export * from "./rpc/index.js";
export * from "./x509/index.js";
