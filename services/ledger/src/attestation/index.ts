// SPDX-License-Identifier: Apache-2.0
export {
  attest,
  type AttestedEvidence,
  type AttestedSnp,
  type AttestedVirtual,
  QUOTE_FORMATS,
} from "./attest.js";
export type { CheckOutcome, CheckResult } from "./check.js";
export { attestationErrors } from "./errors.js";
export {
  type EvidenceExplanation,
  type Expectations,
  explainEvidence,
  type ExplainOptions,
  type ExplainedCertificate,
  type ExplainedField,
  type ExplainedUvm,
} from "./explain/index.js";
export { ownPolicyRows, type OwnRowsOptions, type PolicyRow } from "./policy/own-rows.js";
export { REFUSALS } from "./policy/refusal.js";
export {
  AMD_ROOTS,
  checkReport,
  cpuidOf,
  decodeTcb,
  parseReport,
  type Product,
  productOf,
  type SnpReport,
  type SnpTrust,
  tcbHex,
  type TcbVersion,
  type TrustedRoot,
} from "./snp/index.js";
export { checkUvmEndorsements, readUvmEndorsements, resolveDidX509 } from "./uvm/index.js";
export { verifyEvidence, type VerifiedEvidence } from "./verify-evidence.js";
