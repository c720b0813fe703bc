// SPDX-License-Identifier: Apache-2.0
export * from "./certificate.js";
export * from "./path.js";
