// SPDX-License-Identifier: Apache-2.0
export { AesGcmKey, aesGcmOpen, aesGcmSeal } from "./aead.js";
export {
  type CoseSign1,
  coseAlgorithm,
  coseSign1Parse,
  coseSign1Sign,
  coseSign1Verify,
  coseSigStructure,
} from "./cose.js";
export { EcdhKeyPair } from "./ecdh.js";
export {
  type Curve,
  type SignatureFormat,
  SigningKey,
  type VerifyOptions,
  VerifyingKey,
} from "./ecdsa.js";
export { digestEntries, type EntryDigests } from "./entries.js";
export { CryptoError, type CryptoErrorCode } from "./error.js";
export { hkdfSha256, hmacSha256, sha256 } from "./hash.js";
export { LedgerSecret, type SealedBatch, type SealRequest } from "./ledger-secret.js";
export { foldProof, MerkleTree, type ProofStep } from "./merkle.js";
export { combineShares, deriveWrappingKey, splitSecret, type SplitSecret } from "./sharing.js";
