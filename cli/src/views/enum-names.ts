// SPDX-License-Identifier: Apache-2.0
import { governance, node } from "@consortium/proto";

/** Names as CCF writes them. A number this version does not know shows as `Unknown(n)`. */
function namer(names: ReadonlyMap<number, string>): (value: number) => string {
  return (value) => names.get(value) ?? `Unknown(${value})`;
}

const { ProposalState, MemberStatus, RecoveryRole } = governance;
const { NodeState, NodeRole, NodeStatus, ServiceStatus, TransactionStatus } = node;

export const proposalStateName = namer(
  new Map([
    [ProposalState.OPEN, "Open"],
    [ProposalState.ACCEPTED, "Accepted"],
    [ProposalState.REJECTED, "Rejected"],
    [ProposalState.WITHDRAWN, "Withdrawn"],
    [ProposalState.FAILED, "Failed"],
    [ProposalState.DROPPED, "Dropped"],
  ]),
);

export const memberStatusName = namer(
  new Map([
    [MemberStatus.ACCEPTED, "Accepted"],
    [MemberStatus.ACTIVE, "Active"],
  ]),
);

export const recoveryRoleName = namer(
  new Map([
    [RecoveryRole.UNSPECIFIED, "NonParticipant"],
    [RecoveryRole.NON_PARTICIPANT, "NonParticipant"],
    [RecoveryRole.PARTICIPANT, "Participant"],
    [RecoveryRole.OWNER, "Owner"],
  ]),
);

export const nodeStateName = namer(
  new Map([
    [NodeState.UNINITIALIZED, "Uninitialized"],
    [NodeState.INITIALIZED, "Initialized"],
    [NodeState.PENDING, "Pending"],
    [NodeState.PART_OF_PUBLIC_NETWORK, "PartOfPublicNetwork"],
    [NodeState.PART_OF_NETWORK, "PartOfNetwork"],
    [NodeState.READING_PUBLIC_LEDGER, "ReadingPublicLedger"],
    [NodeState.READING_PRIVATE_LEDGER, "ReadingPrivateLedger"],
  ]),
);

export const nodeRoleName = namer(
  new Map([
    [NodeRole.UNSPECIFIED, "ledger"],
    [NodeRole.LEDGER, "ledger"],
    [NodeRole.GOVERNANCE, "governance"],
    [NodeRole.RECOVERY, "recovery"],
  ]),
);

export const nodeStatusName = namer(
  new Map([
    [NodeStatus.PENDING, "Pending"],
    [NodeStatus.TRUSTED, "Trusted"],
    [NodeStatus.RETIRED, "Retired"],
  ]),
);

export const serviceStatusName = namer(
  new Map([
    [ServiceStatus.OPENING, "Opening"],
    [ServiceStatus.OPEN, "Open"],
    [ServiceStatus.WAITING_FOR_RECOVERY_SHARES, "WaitingForRecoveryShares"],
    [ServiceStatus.RECOVERING, "Recovering"],
  ]),
);

export const transactionStatusName = namer(
  new Map([
    [TransactionStatus.UNKNOWN, "Unknown"],
    [TransactionStatus.PENDING, "Pending"],
    [TransactionStatus.COMMITTED, "Committed"],
    [TransactionStatus.INVALID, "Invalid"],
  ]),
);
