// SPDX-License-Identifier: Apache-2.0
import { governanceErrors } from "../errors.js";
import { authenticate } from "../request/authenticate.js";
import { parseSignedRequest, type SignedRequest } from "../request/signed-request.js";
import type { GovernanceScope } from "../scope.js";
import type { ProposalRecord } from "./create-proposal.js";
import { type Committed, type Decision, executeAndCommit, type Execution } from "./execute.js";
import {
  pruneClosedProposals,
  recordRequest,
  requireProposal,
  writeProposal,
} from "./proposal-table.js";
import { report } from "./report.js";
import { notOpen, requireProposalId } from "./submit-ballot.js";

/** Takes back an open proposal; only its proposer can. Done twice it is the same. */
export function withdrawProposal(
  envelope: Uint8Array,
  scope: GovernanceScope,
  signal?: AbortSignal,
): Promise<Committed<ProposalRecord>> {
  const request = parseSignedRequest(envelope);
  return executeAndCommit(scope.ledger, signal, (execution) =>
    Promise.resolve(decide(request, execution, scope)),
  ).then(report(scope, "proposal withdrawn"));
}

function decide(
  request: SignedRequest,
  { tx }: Execution,
  scope: GovernanceScope,
): Decision<ProposalRecord> {
  const memberId = authenticate(request, "withdrawal", tx, scope.memberKeys);
  const proposalId = requireProposalId(request);
  const before = requireProposal(tx, proposalId);
  if (before.proposer_id !== memberId) {
    throw governanceErrors(
      "AUTHORIZATION_FAILED",
      `Proposal ${proposalId} can only be withdrawn by proposer m[${before.proposer_id}], not caller m[${memberId}].`,
    );
  }
  if (before.state === "Withdrawn") return { commit: false, value: { proposalId, info: before } };
  if (before.state !== "Open")
    throw notOpen(proposalId, before.state, "only open proposals can be withdrawn");
  const info = { ...before, state: "Withdrawn" as const };
  writeProposal(tx, proposalId, info);
  pruneClosedProposals(tx, proposalId);
  recordRequest(tx, memberId, request.envelope);
  return { commit: true, value: { proposalId, info } };
}
