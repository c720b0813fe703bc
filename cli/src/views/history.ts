// SPDX-License-Identifier: Apache-2.0
import type { governance } from "@consortium/proto";
import { type ProposalView, viewProposal } from "./governance.js";

/** A proposal as the ledger records it. */
export interface RecordedProposalView extends ProposalView {
  actions: string[];
  createdTransactionId: string;
  /** The last transaction that changed it. */
  changedTransactionId: string;
  /** Null while it is open. */
  closedTransactionId: string | null;
}

/** A request as its member signed it. */
export interface SignedRequestView {
  transactionId: string;
  memberId: string;
  messageType: string;
  /** As the member says, in UTC. */
  createdAt: string;
  sha256: string;
  /** Base64 of the signed message; absent if it was not asked for. */
  coseSign1?: string;
}

/** An open proposal with what it still needs. */
export interface OpenProposalView extends ProposalView {
  actions: string[];
  missingMembers: string[];
  createdSeqno: string;
}

export function viewRecorded(recorded: governance.RecordedProposal): RecordedProposalView {
  const { proposal, actions, createdTransactionId, changedTransactionId } = recorded;
  if (proposal === undefined) throw new TypeError("the service answered without proposal");
  return {
    ...viewProposal(proposal),
    actions: [...actions],
    createdTransactionId,
    changedTransactionId,
    closedTransactionId: recorded.closedTransactionId === "" ? null : recorded.closedTransactionId,
  };
}

export function viewSignedRequest(request: governance.SignedRequest): SignedRequestView {
  const { transactionId, memberId, messageType, createdAt, sha256, coseSign1 } = request;
  const view = { transactionId, memberId, messageType, createdAt: timeOf(createdAt), sha256 };
  if (coseSign1.length === 0) return view;
  return { ...view, coseSign1: Buffer.from(coseSign1).toString("base64") };
}

export function viewOpen(open: governance.OpenProposal): OpenProposalView {
  if (open.proposal === undefined) throw new TypeError("the service answered without proposal");
  return {
    ...viewProposal(open.proposal),
    actions: [...open.actions],
    missingMembers: [...open.missingMembers],
    createdSeqno: open.createdSeqno.toString(),
  };
}

/** What members sign may be any number of seconds: one that is no date is shown as it is. */
function timeOf(seconds: bigint): string {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? seconds.toString() : time.toISOString();
}
