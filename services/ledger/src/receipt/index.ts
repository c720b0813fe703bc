// SPDX-License-Identifier: Apache-2.0
export { buildCoseReceipt } from "./build-cose-receipt.js";
export { buildReceipt, type ReceiptSource } from "./build-receipt.js";
export { receiptErrors } from "./errors.js";
export { parseJsonReceipt, type JsonReceipt } from "./json-receipt.js";
export { verifyCoseReceipt, type VerifyCoseReceiptOptions } from "./verify-cose-receipt.js";
export {
  verifyReceipt,
  type VerifiedReceipt,
  type VerifyReceiptOptions,
} from "./verify-receipt.js";
