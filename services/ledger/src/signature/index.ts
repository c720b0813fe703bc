// SPDX-License-Identifier: Apache-2.0
export { buildSignatureWrites, type SignatureContent } from "./build-signature.js";
export {
  CCF_LEDGER_SHA256,
  COSE_ALGORITHM,
  COSE_HEADER,
  coseProtectedHeader,
  endorsementHeader,
  readHeader,
  type EndorsementHeader,
  type ReadHeader,
  type RootHeader,
} from "./cose-header.js";
export { signatureErrors } from "./errors.js";
export {
  issueIdentityEndorsement,
  verifyEndorsementRow,
  verifyIdentityEndorsement,
  type IdentityEndorsement,
  type IssueEndorsement,
} from "./identity-endorsement.js";
export { publicKeyFromSpki, readPublicKey, type PublicKey } from "./keys.js";
export {
  isSignatureTransaction,
  parseNodeSignature,
  parseRootCoseSignature,
  parseSignatureWrites,
  verifyNodeSignature,
  verifyRootCoseSignature,
  type NodeSignature,
  type RootCoseSignature,
  type SignatureTransaction,
} from "./parse-signature.js";
