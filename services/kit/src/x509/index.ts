// SPDX-License-Identifier: Apache-2.0
export {
  type CertificateFacts,
  certificateFacts,
  isExpired,
  isIssuedBy,
} from "./certificate-facts.js";
export {
  createSelfSigned,
  createServiceCertificate,
  endorse,
  type EndorseOptions,
  type SelfSignedOptions,
} from "./issue.js";
export {
  type EcCurve,
  generateEcKeyPem,
  generateEcKeySec1Pem,
  generateRsaKeyPem,
  nodeIdOfSpki,
  publicKeySpki,
  readEcPrivateKey,
} from "./keys.js";
export { subjectAltNameOfHost } from "./names.js";
export { fromPem } from "./pem.js";
export {
  createCsr,
  type CreateCsrOptions,
  parseCsr,
  type SigningRequest,
} from "./signing-request.js";
export { parseValidFrom, validityEnd } from "./valid-from.js";
