// SPDX-License-Identifier: Apache-2.0
import type { governance } from "@consortium/proto";
import { type Json, parseJsonText } from "../json.js";
import { memberStatusName, proposalStateName, recoveryRoleName } from "./enum-names.js";

/** The shapes of CCF's governance API, api-version 2024-07-01. */
export interface ProposalView {
  proposalId: string;
  proposerId: string;
  proposalState: string;
  ballotCount: number;
  ballotSubmitters: string[];
  finalVotes?: Record<string, boolean>;
  voteFailures?: Record<string, FailureView>;
  failure?: FailureView;
}

export interface FailureView {
  reason: string;
  trace: string;
}

export interface MemberView {
  memberId: string;
  status: string;
  memberData: Json;
  certificate: string;
  publicEncryptionKey?: string;
  recoveryRole: string;
}

export interface UserView {
  userId: string;
  certificate: string;
  userData: Json;
}

export function viewProposal(proposal: governance.Proposal): ProposalView {
  const view: ProposalView = {
    proposalId: proposal.proposalId,
    proposerId: proposal.proposerId,
    proposalState: proposalStateName(proposal.state),
    ballotCount: proposal.ballotSubmitters.length,
    ballotSubmitters: [...proposal.ballotSubmitters],
  };
  if (Object.keys(proposal.finalVotes).length > 0) view.finalVotes = { ...proposal.finalVotes };
  const failures = Object.entries(proposal.voteFailures);
  if (failures.length > 0) {
    view.voteFailures = Object.fromEntries(
      failures.map(([id, failure]) => [id, viewFailure(failure)]),
    );
  }
  if (proposal.failure !== undefined) view.failure = viewFailure(proposal.failure);
  return view;
}

export function viewFailure({ reason, trace }: governance.Failure): FailureView {
  return { reason, trace };
}

export function viewMember(member: governance.Member): MemberView {
  const view: MemberView = {
    memberId: member.memberId,
    status: memberStatusName(member.status),
    memberData: parseJsonText(member.memberDataJson),
    certificate: member.certificate,
    recoveryRole: recoveryRoleName(member.recoveryRole),
  };
  if (member.publicEncryptionKey !== "") view.publicEncryptionKey = member.publicEncryptionKey;
  return view;
}

export function viewUser(user: governance.User): UserView {
  return {
    userId: user.userId,
    certificate: user.certificate,
    userData: parseJsonText(user.userDataJson),
  };
}

export interface ServiceInfoView {
  status: string;
  certificate: string;
  recoveryCount: string;
  creationTransactionId: string;
  serviceData: Json;
  configuration: {
    recoveryThreshold: number;
    maximumNodeCertificateValidityDays: number;
    maximumServiceCertificateValidityDays: number;
    recentCoseProposalsWindowSize: number;
  };
}

export function viewServiceInfo(info: governance.GetServiceInfoResponse): ServiceInfoView {
  return {
    status: info.status,
    certificate: info.certificate,
    recoveryCount: info.recoveryCount.toString(),
    creationTransactionId: info.creationTransactionId,
    serviceData: parseJsonText(info.serviceDataJson),
    configuration: {
      recoveryThreshold: info.configuration?.recoveryThreshold ?? 0,
      maximumNodeCertificateValidityDays:
        info.configuration?.maximumNodeCertificateValidityDays ?? 0,
      maximumServiceCertificateValidityDays:
        info.configuration?.maximumServiceCertificateValidityDays ?? 0,
      recentCoseProposalsWindowSize: info.configuration?.recentCoseProposalsWindowSize ?? 0,
    },
  };
}
