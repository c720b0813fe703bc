// SPDX-License-Identifier: Apache-2.0
export * from "./check-endorsements.js";
export * from "./did-x509.js";
export * from "./read-endorsements.js";
