// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

export const attestationErrors = defineErrors({
  /** A node's evidence does not satisfy the join policy. The message is the check that failed. */
  INVALID_QUOTE: "permission_denied",
  /** The bytes are not a report of SEV-SNP. */
  REPORT_MALFORMED: "invalid_argument",
  /** The endorsements are not the three certificates VCEK, ASK and ARK. */
  ENDORSEMENTS_MALFORMED: "invalid_argument",
  /** The UVM endorsements are not a COSE_Sign1 message in one of the two layouts. */
  UVM_ENDORSEMENTS_MALFORMED: "invalid_argument",
  /** A did:x509 identifier is malformed or does not fit the certificates. */
  DID_NOT_RESOLVED: "invalid_argument",
  CERTIFICATE_MALFORMED: "invalid_argument",
});
