// SPDX-License-Identifier: Apache-2.0
import type { SecureContextOptions } from "node:tls";

/** The TLS that both our servers and our clients speak: 1.2 or later, forward secrecy, AES-GCM. */
export const TLS_POLICY: SecureContextOptions = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
  ].join(":"),
  ecdhCurve: "P-521:P-384:P-256",
};
