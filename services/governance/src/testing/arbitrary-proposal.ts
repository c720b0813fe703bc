// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { defaultConstitution } from "../constitution/default-constitution.js";

const ACTIONS = [
  "set_member",
  "remove_member",
  "set_member_data",
  "set_user",
  "set_user_data",
  "remove_user",
  "set_recovery_threshold",
  "set_constitution",
  "set_js_app",
  "set_js_runtime_options",
  "set_jwt_issuer",
  "set_service_configuration",
  "transition_service_to_open",
  "transition_node_to_trusted",
  "trigger_ledger_rekey",
  "add_snp_host_data",
  "set_snp_minimum_tcb_version",
  "constructor",
  "__proto__",
];
const ARGUMENTS = [
  "cert",
  "member_id",
  "member_data",
  "user_id",
  "user_data",
  "recovery_threshold",
  "constitution",
  "bundle",
  "issuer",
  "jwks",
  "node_id",
  "valid_from",
  "host_data",
  "cpuid",
  "tcb_version",
  "toString",
];
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    "0".repeat(64),
    "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----",
    -1,
  ),
);
const action = fc.record(
  {
    name: fc.oneof(fc.constantFrom(...ACTIONS), fc.string()),
    args: fc.oneof(value, fc.dictionary(fc.constantFrom(...ARGUMENTS), value)),
  },
  { requiredKeys: [] },
);
/** For tests: proposals of actions that exist or nearly, with arguments that fit or not. */
export const arbitraryProposal = fc.oneof(
  fc.record({ actions: fc.array(action, { maxLength: 3 }) }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** For tests: our constitution, but every proposal that is valid is applied at once. */
export function eagerConstitution(): string {
  const text = defaultConstitution().replace("export function resolve(", "function unused(");
  return `${text}\nexport function resolve(p, i, v) { return "Accepted"; }\n`;
}
