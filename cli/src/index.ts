// SPDX-License-Identifier: Apache-2.0
export { EXIT_CODES } from "./exit-codes.js";
