// SPDX-License-Identifier: Apache-2.0
import { TABLES } from "@consortium/ledger";
import { defaultConstitution } from "../default-constitution.js";
import {
  badArguments,
  type BadCase,
  type Effect,
  type GoodCase,
  refreshShares,
  rekey,
} from "./cases.js";
import {
  configuration,
  dropped,
  json,
  otherServiceCert,
  service,
  serviceCert,
  serviceWith,
} from "./state.js";
import { ONE, type Rows } from "./trial.js";

const anyConstitution = [
  "export function validate(input) { return { valid: true, description: '' } }",
  "export function resolve(proposal, proposerId, votes) { return 'Open' }",
  "export function apply(proposal, proposalId) {}",
].join("\n");

function configured(fields: Record<string, unknown>): Rows {
  return { [TABLES.serviceConfig]: { [ONE]: json({ ...configuration, ...fields }) } };
}

function opened(previous: string): Effect[] {
  const value = { previousServiceIdentity: previous, nextServiceIdentity: serviceCert };
  return [{ $case: "transitionServiceToOpen", value }];
}

const previousIdentity = {
  [TABLES.servicePreviousServiceIdentity]: { [ONE]: json(otherServiceCert) },
};

export const serviceCases: readonly GoodCase[] = [
  {
    action: "set_constitution",
    args: { constitution: anyConstitution },
    writes: { [TABLES.constitution]: { [ONE]: json(anyConstitution) }, ...dropped },
  },
  {
    action: "set_constitution",
    about: "to this very one",
    args: { constitution: defaultConstitution() },
    writes: { [TABLES.constitution]: { [ONE]: json(defaultConstitution()) }, ...dropped },
  },
  {
    action: "transition_service_to_open",
    args: { next_service_identity: serviceCert },
    given: serviceWith({ status: "Opening" }),
    effects: opened(""),
  },
  {
    action: "transition_service_to_open",
    about: "after a recovery",
    args: { next_service_identity: serviceCert, previous_service_identity: otherServiceCert },
    given: { ...serviceWith({ status: "Recovering" }), ...previousIdentity },
    effects: opened(otherServiceCert),
  },
  {
    action: "transition_service_to_open",
    about: "after a recovery, without the previous identity",
    args: { next_service_identity: serviceCert },
    given: serviceWith({ status: "Recovering" }),
    failure:
      "previous_service_identity is required to open a service that is recovering: " +
      "both the previous and the next service identity must be named",
  },
  {
    action: "transition_service_to_open",
    about: "without a service",
    args: { next_service_identity: serviceCert },
    given: { [TABLES.serviceInfo]: { [ONE]: null } },
    failure: "Service information could not be found",
  },
  { action: "assert_service_identity", args: { service_identity: serviceCert } },
  {
    action: "set_recovery_threshold",
    args: { recovery_threshold: 1 },
    writes: configured({ recovery_threshold: 1 }),
    effects: [refreshShares],
  },
  {
    action: "set_recovery_threshold",
    about: "to what it is",
    args: { recovery_threshold: 2 },
    writes: configured({}),
  },
  {
    action: "set_recovery_threshold",
    about: "to more than there are active recovery members",
    args: { recovery_threshold: 4 },
    failure: "recovery_threshold 4 would be greater than the number of active recovery members, 3",
  },
  {
    action: "set_recovery_threshold",
    about: "while shares are awaited",
    args: { recovery_threshold: 1 },
    given: serviceWith({ status: "WaitingForRecoveryShares" }),
    failure: "recovery_threshold cannot change while the service is WaitingForRecoveryShares",
  },
  {
    action: "set_recovery_threshold",
    about: "without a configuration",
    args: { recovery_threshold: 1 },
    given: { [TABLES.serviceConfig]: { [ONE]: null } },
    failure: "Service configuration could not be found",
  },
  {
    action: "set_service_configuration",
    args: {
      recent_cose_proposals_window_size: 10000,
      recovery_threshold: 1,
      reconfiguration_type: "TwoTransaction",
    },
    writes: configured({
      recovery_threshold: 1,
      reconfiguration_type: "TwoTransaction",
      recent_cose_proposals_window_size: 10000,
    }),
    effects: [refreshShares],
  },
  { action: "set_service_configuration", about: "to nothing", args: {}, writes: configured({}) },
  {
    action: "set_service_configuration",
    about: "back to what was before",
    args: { reconfiguration_type: "OneTransaction" },
    given: configured({ reconfiguration_type: "TwoTransaction" }),
    failure: "reconfiguration_type cannot change from TwoTransaction to OneTransaction",
  },
  { action: "trigger_recovery_shares_refresh", effects: [refreshShares] },
  { action: "trigger_recovery_shares_refresh", args: null, effects: [refreshShares] },
  { action: "trigger_ledger_rekey", effects: [rekey] },
  { action: "trigger_ledger_chunk", effects: [{ $case: "triggerLedgerChunk", value: {} }] },
  { action: "trigger_snapshot", effects: [{ $case: "triggerSnapshot", value: {} }] },
  { action: "trigger_snapshot", args: {}, effects: [{ $case: "triggerSnapshot", value: {} }] },
];

const CERTIFICATES = "must be one or more X.509 certificates in PEM format";
const RANGE = "must be between 1 and 254";

export const badService: readonly BadCase[] = [
  ...badArguments("set_constitution", { constitution: anyConstitution }, [
    ["constitution", undefined, "constitution must be a string but is missing"],
    ["constitution", "", /^constitution cannot be used: proposed constitution is empty$/],
    ["constitution", "export function", /^constitution cannot be used: Failed to compile/],
    [
      "constitution",
      anyConstitution.replace("apply", "carryOut"),
      /^constitution cannot be used: proposed constitution does not export a function named apply/,
    ],
    [
      "constitution",
      anyConstitution.replace("(input)", "(input, more)"),
      /^constitution cannot be used: proposed constitution exports function validate with 2/,
    ],
  ]),
  ...badArguments("transition_service_to_open", { next_service_identity: serviceCert }, [
    ["next_service_identity", undefined, "next_service_identity must be a string but is missing"],
    ["next_service_identity", "PEM", `next_service_identity ${CERTIFICATES}`],
    ["previous_service_identity", 7, "previous_service_identity must be a string but is a number"],
    ["previous_service_identity", "PEM", `previous_service_identity ${CERTIFICATES}`],
  ]),
  ...badArguments("assert_service_identity", { service_identity: serviceCert }, [
    ["service_identity", undefined, "service_identity must be a string but is missing"],
    ["service_identity", "PEM", `service_identity ${CERTIFICATES}`],
    [
      "service_identity",
      otherServiceCert,
      "service_identity is not the certificate of this service",
    ],
  ]),
  {
    action: "assert_service_identity",
    args: { service_identity: service.cert },
    given: { [TABLES.serviceInfo]: { [ONE]: null } },
    message: "Service information could not be found",
  },
  ...badArguments("set_recovery_threshold", { recovery_threshold: 1 }, [
    ["recovery_threshold", undefined, "recovery_threshold must be an integer"],
    ["recovery_threshold", null, "recovery_threshold must be an integer"],
    ["recovery_threshold", "2", "recovery_threshold must be an integer"],
    ["recovery_threshold", 1.5, "recovery_threshold must be an integer"],
    ["recovery_threshold", 0, `recovery_threshold ${RANGE}`],
    ["recovery_threshold", 255, `recovery_threshold ${RANGE}`],
    ["recovery_threshold", -1, `recovery_threshold ${RANGE}`],
    ["recovery_threshold", 1e300, "recovery_threshold must be an integer"],
  ]),
  ...badArguments("set_service_configuration", {}, [
    [
      "maximum_node_certificate_validity_days",
      1,
      /^maximum_node_certificate_validity_days cannot be changed by set_service_configuration/,
    ],
    ["toString", 1, /^toString cannot be changed by set_service_configuration/],
    ["reconfiguration_type", 1, "reconfiguration_type must be a string but is a number"],
    ["recovery_threshold", 0, `recovery_threshold ${RANGE}`],
    ["recovery_threshold", "1", "recovery_threshold must be an integer"],
    [
      "recent_cose_proposals_window_size",
      10001,
      "recent_cose_proposals_window_size must be between 1 and 10000",
    ],
    [
      "recent_cose_proposals_window_size",
      "9",
      "recent_cose_proposals_window_size must be an integer",
    ],
  ]),
  ...["trigger_recovery_shares_refresh", "trigger_ledger_rekey"].flatMap((action) => [
    { action, args: {}, message: "args must be left out but is an object" },
    { action, args: 0, message: "args must be left out but is a number" },
  ]),
];
