// SPDX-License-Identifier: Apache-2.0
import { defineErrors } from "@consortium/kit/errors";

export const signatureErrors = defineErrors({
  /** The rows of a signature transaction cannot be read. */
  SIGNATURE_MALFORMED: "data_loss",
  /** The endorsement of a service identity cannot be read or does not hold. */
  IDENTITY_ENDORSEMENT_INVALID: "data_loss",
  /** A key or certificate cannot be read. */
  KEY_UNREADABLE: "invalid_argument",
});
