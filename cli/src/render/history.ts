// SPDX-License-Identifier: Apache-2.0
import type { ProposalView } from "../views/governance.js";
import type {
  OpenProposalView,
  RecordedProposalView,
  SignedRequestView,
} from "../views/history.js";
import { renderFields, renderTable } from "./table.js";
import { count, faint, shortId, statusWord, strong } from "./text.js";

const ACTIONS_SHOWN = 3;

export function renderHistory(proposals: readonly RecordedProposalView[]): string {
  const rows = proposals.map((proposal) => [
    proposal.proposalId,
    statusWord(proposal.proposalState),
    String(proposal.ballotCount),
    shortId(proposal.proposerId),
    proposal.createdTransactionId,
    proposal.closedTransactionId ?? "",
    renderActions(proposal.actions),
  ]);
  const header = ["PROPOSAL", "STATE", "VOTES", "PROPOSER", "CREATED", "CLOSED", "ACTIONS"];
  return renderTable(header, rows, "There never was a proposal.");
}

export function renderOpen(proposals: readonly OpenProposalView[]): string {
  const rows = proposals.map((proposal) => [
    proposal.proposalId,
    statusWord(proposal.proposalState),
    String(proposal.ballotCount),
    shortId(proposal.proposerId),
    count(proposal.missingMembers.length, "member"),
    renderActions(proposal.actions),
  ]);
  const header = ["PROPOSAL", "STATE", "VOTES", "PROPOSER", "NOT YET VOTED", "ACTIONS"];
  return renderTable(header, rows, "There are no open proposals.");
}

/** One line for what has just changed. */
export function renderChange(proposal: RecordedProposalView): string {
  const { changedTransactionId, proposalState, ballotCount, proposalId, actions } = proposal;
  const state = `${statusWord(proposalState)}, ${count(ballotCount, "vote")}`;
  const failure = proposal.failure === undefined ? "" : `  ${proposal.failure.reason}`;
  return `${strong(changedTransactionId)}  ${shortId(proposalId)}  ${state}  ${renderActions(actions)}${failure}`;
}

/** Where a proposal stands on the ledger. */
export function renderPlaces(proposal: RecordedProposalView): string {
  const { createdTransactionId, changedTransactionId, closedTransactionId } = proposal;
  return renderFields([
    ["created", createdTransactionId],
    ["last change", closedTransactionId === null ? changedTransactionId : undefined],
    ["closed", closedTransactionId ?? undefined],
  ]);
}

export function renderBallots(
  ballots: Readonly<Record<string, string>>,
  { finalVotes = {}, voteFailures = {} }: ProposalView,
): string {
  const parts = Object.entries(ballots).map(([memberId, ballot]) => {
    const vote = finalVotes[memberId];
    const failure = voteFailures[memberId];
    const said = vote === undefined ? "" : vote ? ", counted as yes" : ", counted as no";
    const failed = failure === undefined ? "" : `, failed: ${failure.reason}`;
    return `ballot of ${memberId}${said}${failed}\n${ballot.trimEnd()}`;
  });
  return parts.join("\n\n");
}

export function renderRequests(requests: readonly SignedRequestView[]): string {
  const rows = requests.map(({ transactionId, messageType, memberId, createdAt, sha256 }) => [
    transactionId,
    messageType,
    shortId(memberId),
    createdAt,
    faint(sha256),
  ]);
  const header = ["TRANSACTION", "REQUEST", "MEMBER", "SIGNED", "SHA-256"];
  return renderTable(header, rows, "No signed request is recorded.");
}

function renderActions(actions: readonly string[]): string {
  const more = actions.length - ACTIONS_SHOWN;
  const shown = actions.slice(0, ACTIONS_SHOWN).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
