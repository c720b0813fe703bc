// SPDX-License-Identifier: Apache-2.0
import * as z from "zod";
import { TABLES } from "./names.js";
import { base64, count, hexDigest, json, jsonRow, textRow, transactionId } from "./row-codec.js";

/** The service's state as `service.info` names it. */
export const serviceStatus = z.enum(["Opening", "Open", "WaitingForRecoveryShares", "Recovering"]);
export type ServiceStatus = z.infer<typeof serviceStatus>;

export const serviceInfo = jsonRow(
  TABLES.serviceInfo,
  z.looseObject({
    cert: z.string(),
    status: serviceStatus,
    previous_service_identity_version: count.optional(),
    recovery_count: count.optional(),
    service_data: json.optional(),
    current_service_create_txid: transactionId.optional(),
  }),
);
export type ServiceInfo = ReturnType<typeof serviceInfo.decode>;

export const serviceConfig = jsonRow(
  TABLES.serviceConfig,
  z.looseObject({
    recovery_threshold: count,
    maximum_node_certificate_validity_days: count.optional(),
    maximum_service_certificate_validity_days: count.optional(),
    recent_cose_proposals_window_size: count.optional(),
    consensus: z.string().optional(),
    reconfiguration_type: z.string().optional(),
  }),
);
export type ServiceConfig = ReturnType<typeof serviceConfig.decode>;

export const previousServiceIdentity = jsonRow(TABLES.servicePreviousServiceIdentity, z.string());
export const previousServiceLastSignedRoot = jsonRow(
  TABLES.previousServiceLastSignedRoot,
  hexDigest,
);
export const constitution = jsonRow(TABLES.constitution, z.string());

export const nodeStatus = z.enum(["Pending", "Trusted", "Retired"]);
export type NodeStatus = z.infer<typeof nodeStatus>;

/** What a process of the network is for; a row without it is a ledger node. */
export const nodeRole = z.enum(["ledger", "governance", "recovery"]);
export type NodeRole = z.infer<typeof nodeRole>;

const networkInterface = z.looseObject({
  bind_address: z.string().optional(),
  published_address: z.string().optional(),
});

export const quoteInfo = z.looseObject({
  format: z.string(),
  quote: z.string(),
  endorsements: z.string(),
  uvm_endorsements: z.string().optional(),
  endorsed_tcb: z.string().optional(),
});
export type QuoteInfo = z.infer<typeof quoteInfo>;

export const nodesInfo = jsonRow(
  TABLES.nodesInfo,
  z.looseObject({
    status: nodeStatus,
    role: nodeRole.optional(),
    public_key: z.string().optional(),
    encryption_pub_key: z.string().optional(),
    certificate_signing_request: z.string().optional(),
    code_digest: z.string().optional(),
    ledger_secret_seqno: count.optional(),
    node_data: json.optional(),
    node_to_node_interface: networkInterface.optional(),
    rpc_interfaces: z.record(z.string(), networkInterface).optional(),
    quote_info: quoteInfo.optional(),
    retired_committed: z.boolean().optional(),
    /** Only in ledgers of CCF 1.x. */
    cert: z.string().optional(),
  }),
);
export type NodeInfo = ReturnType<typeof nodesInfo.decode>;

export const endorsedCertificate = textRow(TABLES.nodesEndorsedCertificates);
export const memberCertificate = textRow(TABLES.membersCerts);
export const memberEncryptionKey = textRow(TABLES.membersEncryptionPublicKeys);
export const userCertificate = textRow(TABLES.usersCerts);

export const memberStatus = z.enum(["Accepted", "Active"]);
export type MemberStatus = z.infer<typeof memberStatus>;
export const recoveryRole = z.enum(["NonParticipant", "Participant", "Owner"]);
export type RecoveryRole = z.infer<typeof recoveryRole>;

export const membersInfo = jsonRow(
  TABLES.membersInfo,
  z.looseObject({
    status: memberStatus,
    member_data: json.optional(),
    recovery_role: recoveryRole.optional(),
  }),
);
export type MemberInfo = ReturnType<typeof membersInfo.decode>;

export const membersAcks = jsonRow(
  TABLES.membersAcks,
  z.looseObject({
    state_digest: z.string(),
    /** The signed request of ledgers before COSE. */
    signed_req: json.optional(),
    cose_sign1_req: base64.optional(),
  }),
);
export type MemberAck = ReturnType<typeof membersAcks.decode>;

export const usersInfo = jsonRow(TABLES.usersInfo, z.looseObject({ user_data: json.optional() }));
export type UserInfo = ReturnType<typeof usersInfo.decode>;

export const proposalState = z.enum([
  "Open",
  "Accepted",
  "Rejected",
  "Withdrawn",
  "Failed",
  "Dropped",
]);
export type ProposalState = z.infer<typeof proposalState>;

const failure = z.looseObject({ reason: z.string(), trace: z.string().optional() });

export const proposalsInfo = jsonRow(
  TABLES.proposalsInfo,
  z.looseObject({
    proposer_id: z.string(),
    state: proposalState,
    ballots: z.record(z.string(), z.string()),
    final_votes: z.record(z.string(), z.boolean()).optional(),
    vote_failures: z.record(z.string(), failure).optional(),
    failure: failure.optional(),
  }),
);
export type ProposalInfo = ReturnType<typeof proposalsInfo.decode>;

/** The last signed request of a member: base64 of the COSE envelope. */
export const coseHistory = jsonRow(TABLES.coseHistory, base64);
/** The proposal that a signed request made. */
export const coseRecentProposals = jsonRow(TABLES.coseRecentProposals, hexDigest);

export const jsRuntimeOptions = jsonRow(
  TABLES.jsRuntimeOptions,
  z.looseObject({
    max_heap_bytes: count,
    max_stack_bytes: count,
    max_execution_time_ms: count,
    log_exception_details: z.boolean().optional(),
    return_exception_details: z.boolean().optional(),
    max_cached_interpreters: count.optional(),
  }),
);
export type JsRuntimeOptions = ReturnType<typeof jsRuntimeOptions.decode>;
