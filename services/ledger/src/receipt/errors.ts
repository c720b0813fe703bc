// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

export const receiptErrors = defineErrors({
  /** The receipt is not JSON, not COSE or lacks a part. */
  RECEIPT_MALFORMED: "invalid_argument",
  /** The signature does not fit the root that leaf and proof lead to: something was altered. */
  RECEIPT_SIGNATURE_INVALID: "invalid_argument",
  /** The certificate is another node's than the one the receipt names. */
  RECEIPT_NODE_MISMATCH: "invalid_argument",
  /** The node's certificate does not lead to the service's. */
  RECEIPT_CERTIFICATE_UNTRUSTED: "invalid_argument",
  /** A receipt of another service, or of this one before a recovery that nobody endorsed. */
  RECEIPT_SERVICE_MISMATCH: "invalid_argument",
  /** The receipt is genuine but for other claims. */
  RECEIPT_CLAIMS_MISMATCH: "invalid_argument",
  /** No signature transaction covers the transaction yet. */
  RECEIPT_NOT_READY: "failed_precondition",
  /** There can be no such receipt for this transaction. */
  RECEIPT_NOT_AVAILABLE: "not_found",
});
