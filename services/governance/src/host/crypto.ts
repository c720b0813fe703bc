// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { requireBuffer, requireText } from "./arguments.js";
import { certificatesOf, isValidChain } from "./certificates.js";
import { guestTypeError } from "./guest-error.js";
import type { HostFunctions } from "./host-function.js";
import { jwkConversions } from "./jwk.js";
import { keyGeneration } from "./key-generation.js";
import { keyWrapping } from "./key-wrapping.js";
import { signatures } from "./signatures.js";

const DIGESTS: Readonly<Record<string, string>> = {
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** `ccf.crypto`. */
export const cryptoFunctions: HostFunctions = {
  "crypto.digest"([algorithm], [data]) {
    const name = DIGESTS[requireText(algorithm, "algorithm")];
    if (name === undefined) {
      throw guestTypeError("Unsupported digest algorithm, supported: SHA-256, SHA-384, SHA-512");
    }
    return createHash(name).update(requireBuffer(data, "data")).digest();
  },
  "crypto.isValidX509CertBundle": ([pem]) =>
    certificatesOf(requireText(pem, "Argument")) !== undefined,
  "crypto.isValidX509CertChain": ([chain, trusted]) =>
    isValidChain(requireText(chain, "chain"), requireText(trusted, "trusted")),
  ...signatures,
  ...keyWrapping,
  ...keyGeneration,
  ...jwkConversions,
};
