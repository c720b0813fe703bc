// SPDX-License-Identifier: Apache-2.0
import type { RpcClient } from "@consortium/kit";
import { governance } from "@consortium/proto";
import type { Member, Participant } from "./participants.js";
import { signRequest } from "./signed-request.js";

export type GovernanceClient = RpcClient<governance.GovernanceServiceService>;

export interface Action {
  readonly name: string;
  readonly args?: unknown;
}

export const YES = "export function vote (proposal, proposerId) { return true; }";
export const NO = "export function vote (proposal, proposerId) { return false; }";

export function proposalRequest(
  proposer: Participant,
  actions: readonly Action[],
  createdAt?: number,
): Uint8Array {
  const payload = Buffer.from(JSON.stringify({ actions }));
  const time = createdAt === undefined ? {} : { createdAt };
  return signRequest(proposer, { type: "proposal", payload, ...time });
}

export function ballotRequest(
  voter: Participant,
  proposalId: string,
  ballot: string = YES,
): Uint8Array {
  const payload = Buffer.from(JSON.stringify({ ballot }));
  return signRequest(voter, { type: "ballot", payload, proposalId });
}

export async function propose(
  client: GovernanceClient,
  proposer: Participant,
  ...actions: Action[]
): Promise<governance.Proposal> {
  const coseSign1 = proposalRequest(proposer, actions);
  return requireProposal((await client.createProposal({ coseSign1 })).proposal);
}

export async function vote(
  client: GovernanceClient,
  voter: Participant,
  proposalId: string,
  ballot: string = YES,
): Promise<governance.Proposal> {
  const coseSign1 = ballotRequest(voter, proposalId, ballot);
  return requireProposal((await client.submitBallot({ coseSign1 })).proposal);
}

/** Proposes and has the members vote for it until it is accepted. */
export async function decide(
  client: GovernanceClient,
  members: readonly Member[],
  ...actions: Action[]
): Promise<governance.Proposal> {
  const [proposer] = members;
  if (proposer === undefined) throw new TypeError("nobody is there to propose");
  let proposal = await propose(client, proposer, ...actions);
  for (const member of members) {
    if (proposal.state !== governance.ProposalState.OPEN) break;
    proposal = await vote(client, member, proposal.proposalId);
  }
  if (proposal.state === governance.ProposalState.ACCEPTED) return proposal;
  throw new Error(`the proposal ended in state ${proposal.state}`);
}

/** Updates and acknowledges the state digest: an Accepted member becomes Active. */
export async function acknowledge(client: GovernanceClient, member: Participant): Promise<void> {
  const update = signRequest(member, { type: "state_digest", payload: new Uint8Array() });
  const { stateDigest } = await client.updateStateDigest({ coseSign1: update });
  const payload = Buffer.from(JSON.stringify({ stateDigest }));
  const coseSign1 = signRequest(member, { type: "ack", payload });
  await client.acknowledgeStateDigest({ coseSign1 });
}

function requireProposal(proposal: governance.Proposal | undefined): governance.Proposal {
  if (proposal === undefined) throw new Error("the answer holds no proposal");
  return proposal;
}
