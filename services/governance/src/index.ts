// SPDX-License-Identifier: Apache-2.0
export { defaultConstitution } from "./constitution/default-constitution.js";
export { governanceErrors } from "./errors.js";
export type { LedgerPort, LedgerSnapshot, PreparedTransaction } from "./ports.js";
export {
  createGovernanceService,
  type GovernanceService,
  type GovernanceServiceOptions,
} from "./rpc.js";
export { DEFAULT_LIMITS, type EvaluationLimits } from "./sandbox/limits.js";
