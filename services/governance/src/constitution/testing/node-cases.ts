// SPDX-License-Identifier: Apache-2.0
import { TABLES } from "@consortium/ledger";
import { badArguments, type BadCase, type Effect, type GoodCase } from "./cases.js";
import { badId } from "./member-cases.js";
import {
  json,
  nodeRows,
  oldNode,
  pendingNode,
  request,
  retiredNode,
  service,
  strangerId,
  trustedNode,
} from "./state.js";
import { ONE, PLACEHOLDER, type Rows } from "./trial.js";

const VALID_FROM = "20261120000000Z";
const validity = { valid_from: VALID_FROM, validity_period_days: 30 };
const withoutLimits = { [TABLES.serviceConfig]: { [ONE]: json({ recovery_threshold: 1 }) } };
const shuffle: Effect = { $case: "shuffleSealedShares", value: {} };

/** The primary puts the certificate where this text is. */
function placeholder(index: number): string {
  return `${PLACEHOLDER}-${index}-`;
}

function endorsement(index: number, validityPeriodDays: number): Effect {
  const value = {
    placeholder: placeholder(index),
    certificateSigningRequest: request,
    validFrom: VALID_FROM,
    validityPeriodDays,
  };
  return { $case: "endorseCertificate", value };
}

function renewal(validityPeriodDays: number): Effect {
  const value = { placeholder: placeholder(0), validFrom: VALID_FROM, validityPeriodDays };
  return { $case: "renewServiceCertificate", value };
}

function node(id: keyof typeof nodeRows, fields: object): Rows {
  return { [TABLES.nodesInfo]: { [id]: json({ ...nodeRows[id], ...fields }) } };
}

function endorsed(id: string, index: number): Rows {
  return { [TABLES.nodesEndorsedCertificates]: { [id]: placeholder(index) } };
}

const nodeWithoutRequest = { [TABLES.nodesInfo]: { [oldNode]: json({ status: "Trusted" }) } };

export const nodeCases: readonly GoodCase[] = [
  {
    action: "set_node_data",
    args: { node_id: trustedNode, node_data: "any JSON" },
    writes: node(trustedNode, { node_data: "any JSON" }),
  },
  {
    action: "set_node_data",
    about: "to nothing",
    args: { node_id: trustedNode },
    writes: node(trustedNode, { node_data: undefined }),
  },
  {
    action: "set_node_data",
    about: "of none",
    args: { node_id: strangerId, node_data: 1 },
    failure: `node_id ${strangerId} is not a node`,
  },
  {
    action: "transition_node_to_trusted",
    args: { node_id: pendingNode, ...validity },
    given: {
      [TABLES.historicalEncryptedLedgerSecret]: { [ONE]: json({ next_version: 17 }) },
    },
    writes: {
      ...node(pendingNode, { status: "Trusted", ledger_secret_seqno: 17 }),
      ...endorsed(pendingNode, 1),
    },
    effects: [shuffle, endorsement(1, 30)],
    unlikeCcf: "CCF before 7 has no sealed shares",
  },
  {
    action: "transition_node_to_trusted",
    about: "for as long as the configuration allows",
    args: { node_id: pendingNode, valid_from: VALID_FROM },
    writes: {
      ...node(pendingNode, { status: "Trusted", ledger_secret_seqno: 1 }),
      ...endorsed(pendingNode, 1),
    },
    effects: [shuffle, endorsement(1, 90)],
    unlikeCcf: "CCF before 7 has no sealed shares",
  },
  {
    action: "transition_node_to_trusted",
    about: "that asked for no certificate",
    args: { node_id: oldNode, ...validity },
    given: { [TABLES.nodesInfo]: { [oldNode]: json({ status: "Pending" }) } },
    writes: {
      [TABLES.nodesInfo]: { [oldNode]: json({ status: "Trusted", ledger_secret_seqno: 1 }) },
    },
    effects: [shuffle],
    unlikeCcf: "CCF before 7 has no sealed shares",
  },
  {
    action: "transition_node_to_trusted",
    about: "that is trusted",
    args: { node_id: trustedNode, ...validity },
  },
  {
    action: "transition_node_to_trusted",
    about: "that nobody knows",
    args: { node_id: strangerId, ...validity },
    failure: `node_id ${strangerId} is not a node`,
  },
  {
    action: "transition_node_to_trusted",
    about: "for longer than the configuration allows",
    args: { node_id: pendingNode, valid_from: VALID_FROM, validity_period_days: 91 },
    failure: "validity_period_days 91 is more than the 90 days allowed for a node certificate",
  },
  {
    action: "remove_node",
    args: { node_id: trustedNode },
    given: nodeWithoutRequest,
    writes: node(trustedNode, { status: "Retired" }),
  },
  {
    action: "remove_node",
    about: "that is the last trusted ledger node",
    args: { node_id: trustedNode },
    given: node(pendingNode, { status: "Trusted" }),
    failure: `node_id ${trustedNode} is the last trusted ledger node`,
    unlikeCcf: "CCF retires it",
  },
  {
    action: "remove_node",
    about: "that is the last trusted one of its role, but not of the ledger",
    args: { node_id: pendingNode },
    given: node(pendingNode, { status: "Trusted" }),
    writes: node(pendingNode, { status: "Retired" }),
  },
  {
    action: "remove_node",
    about: "that is pending",
    args: { node_id: pendingNode },
    writes: { [TABLES.nodesInfo]: { [pendingNode]: null } },
  },
  {
    action: "remove_node",
    about: "that is retired",
    args: { node_id: retiredNode },
    writes: node(retiredNode, {}),
  },
  { action: "remove_node", about: "that nobody knows", args: { node_id: strangerId } },
  {
    action: "set_node_join_policy",
    args: { policy: "export function apply(statements) { return true; }" },
    writes: {
      [TABLES.nodesJoinPolicy]: { [ONE]: "export function apply(statements) { return true; }" },
    },
  },
  {
    action: "remove_node_join_policy",
    writes: { [TABLES.nodesJoinPolicy]: { [ONE]: null } },
  },
  {
    action: "set_node_certificate_validity",
    args: { node_id: trustedNode, ...validity },
    writes: endorsed(trustedNode, 0),
    effects: [endorsement(0, 30)],
  },
  {
    action: "set_node_certificate_validity",
    about: "for as long as is usual",
    args: { node_id: trustedNode, valid_from: VALID_FROM },
    given: withoutLimits,
    writes: endorsed(trustedNode, 0),
    effects: [endorsement(0, 365)],
  },
  {
    action: "set_node_certificate_validity",
    about: "of one that is not trusted",
    args: { node_id: pendingNode, ...validity },
    failure: `node_id ${pendingNode} is not trusted: it is Pending`,
  },
  {
    action: "set_node_certificate_validity",
    about: "of none",
    args: { node_id: strangerId, ...validity },
    failure: `node_id ${strangerId} is not a node`,
  },
  {
    action: "set_node_certificate_validity",
    about: "of one that asked for no certificate",
    args: { node_id: oldNode, ...validity },
    given: nodeWithoutRequest,
    failure: `node_id ${oldNode} has no certificate signing request`,
  },
  {
    action: "set_node_certificate_validity",
    about: "for longer than the configuration allows",
    args: { node_id: trustedNode, valid_from: VALID_FROM, validity_period_days: 91 },
    failure: "validity_period_days 91 is more than the 90 days allowed for a node certificate",
  },
  {
    action: "set_all_nodes_certificate_validity",
    args: validity,
    writes: endorsed(trustedNode, 0),
    effects: [endorsement(0, 30)],
  },
  {
    action: "set_all_nodes_certificate_validity",
    about: "of which one asked for no certificate",
    args: validity,
    given: nodeWithoutRequest,
    failure: `node_id ${oldNode} has no certificate signing request`,
  },
  {
    action: "set_service_certificate_validity",
    args: { valid_from: VALID_FROM },
    writes: { [TABLES.serviceInfo]: { [ONE]: json({ ...service, cert: placeholder(0) }) } },
    effects: [renewal(180)],
  },
  {
    action: "set_service_certificate_validity",
    about: "for longer than the configuration allows",
    args: { valid_from: VALID_FROM, validity_period_days: 181 },
    failure: "validity_period_days 181 is more than the 180 days allowed for a service certificate",
  },
];

const badValidity: [string, unknown, string][] = [
  ["valid_from", undefined, "valid_from must be a string but is missing"],
  ["valid_from", 20261120, "valid_from must be a string but is a number"],
  ["validity_period_days", "30", "validity_period_days must be an integer"],
  ["validity_period_days", 0.5, "validity_period_days must be an integer"],
  ["validity_period_days", 0, "validity_period_days must be at least 1"],
];

export const badNodes: readonly BadCase[] = [
  ...badArguments("set_node_data", { node_id: trustedNode }, badId("node_id")),
  ...badArguments("remove_node", { node_id: trustedNode }, badId("node_id")),
  ...badArguments("set_node_join_policy", { policy: "" }, [
    ["policy", undefined, "policy must be a string but is missing"],
    ["policy", {}, "policy must be a string but is an object"],
  ]),
  ...["transition_node_to_trusted", "set_node_certificate_validity"].flatMap((action) =>
    badArguments(action, { node_id: trustedNode, ...validity }, [
      ...badId("node_id"),
      ...badValidity,
    ]),
  ),
  ...["set_all_nodes_certificate_validity", "set_service_certificate_validity"].flatMap((action) =>
    badArguments(action, validity, badValidity),
  ),
];
