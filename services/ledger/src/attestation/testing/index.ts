// SPDX-License-Identifier: Apache-2.0
export { FIXTURES_VALID, snpFixture } from "./evidence-fixtures.js";
export {
  type CertificateRequest,
  extensionOf,
  issueCertificate,
  rawExtension,
  type Signer,
} from "./issue-certificate.js";
export { policyState, type PolicyTables } from "./policy-tables.js";
export {
  changing,
  evaluate,
  type ProcessorCase,
  removing,
  replacing,
  without,
} from "./processor-case.js";
export { refusalOf, type Refusal } from "./refusal.js";
export {
  createSnpProcessor,
  derInteger,
  type ProcessorOptions,
  type ReportOptions,
  type SnpProcessor,
} from "./snp-processor.js";
export {
  createUvmSigner,
  type UvmAlgorithm,
  type UvmSigner,
  type UvmSignerOptions,
  type UvmStatement,
  UVM_USAGE,
} from "./uvm-signer.js";
