// SPDX-License-Identifier: Apache-2.0
import { governance } from "@consortium/proto";
import { keyFromText, keyToText, type KvReader, rows, TABLES } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { requireDigestId } from "../proposal/proposal-table.js";
import { type Page, type PageRequest, readPage } from "./page.js";

const STATES: Readonly<Record<rows.ProposalState, governance.ProposalState>> = {
  Open: governance.ProposalState.OPEN,
  Accepted: governance.ProposalState.ACCEPTED,
  Rejected: governance.ProposalState.REJECTED,
  Withdrawn: governance.ProposalState.WITHDRAWN,
  Failed: governance.ProposalState.FAILED,
  Dropped: governance.ProposalState.DROPPED,
};

export function proposalState(state: rows.ProposalState): governance.ProposalState {
  return STATES[state];
}

export function toProposal(proposalId: string, info: rows.ProposalInfo): governance.Proposal {
  return {
    proposalId,
    proposerId: info.proposer_id,
    state: STATES[info.state],
    ballotSubmitters: Object.keys(info.ballots).sort(),
    finalVotes: { ...info.final_votes },
    voteFailures: Object.fromEntries(
      Object.entries(info.vote_failures ?? {}).map(([memberId, failure]) => [
        memberId,
        toFailure(failure),
      ]),
    ),
    failure: info.failure === undefined ? undefined : toFailure(info.failure),
  };
}

export function toFailure(failure: {
  reason: string;
  trace?: string | undefined;
}): governance.Failure {
  return { reason: failure.reason, trace: failure.trace ?? "" };
}

/** Throws `INVALID_RESOURCE_NAME`, `PROPOSAL_NOT_FOUND`. */
export function getProposal(kv: KvReader, proposalId: string): governance.Proposal {
  const id = requireDigestId(proposalId, "proposal ID", "proposal_id");
  return toProposal(id, readInfo(kv, id));
}

export function listProposals(
  kv: KvReader,
  page: PageRequest,
  state: governance.ProposalState,
): Page<governance.Proposal> {
  return readPage(kv, TABLES.proposalsInfo, page, (key, value) => {
    const info = rows.proposalsInfo.decode(value);
    if (state !== governance.ProposalState.UNSPECIFIED && STATES[info.state] !== state)
      return undefined;
    return toProposal(keyToText(key), info);
  });
}

export function getProposalActions(kv: KvReader, proposalId: string): Uint8Array {
  const id = requireDigestId(proposalId, "proposal ID", "proposal_id");
  const body = kv.get(TABLES.proposals, keyFromText(id));
  if (body === undefined) throw notFound(id);
  return body.value;
}

/** Throws `VOTE_NOT_FOUND` too. */
export function getBallot(kv: KvReader, proposalId: string, memberId: string): string {
  const id = requireDigestId(proposalId, "proposal ID", "proposal_id");
  const member = requireDigestId(memberId, "member ID", "member_id");
  const { ballots } = readInfo(kv, id);
  const ballot = Object.hasOwn(ballots, member) ? ballots[member] : undefined;
  if (ballot !== undefined) return ballot;
  throw governanceErrors("VOTE_NOT_FOUND", `Member m[${member}] has not voted for proposal ${id}.`);
}

function readInfo(kv: KvReader, id: string): rows.ProposalInfo {
  const row = kv.get(TABLES.proposalsInfo, keyFromText(id));
  if (row === undefined) throw notFound(id);
  return rows.proposalsInfo.decode(row.value);
}

function notFound(id: string): Error {
  return governanceErrors("PROPOSAL_NOT_FOUND", `Could not find proposal ${id}.`, {
    hint: "The tables hold the open proposals and the last that was closed.",
  });
}
