// SPDX-License-Identifier: Apache-2.0
export * from "./attestation/index.js";
export * from "./entry/index.js";
export * from "./export/index.js";
export * from "./kv/index.js";
export * from "./peer/index.js";
export * from "./receipt/index.js";
export * from "./replica/index.js";
export * from "./signature/index.js";
export * from "./snapshot/index.js";
export * from "./store/index.js";
export * from "./tables/index.js";
export * from "./verify/index.js";
