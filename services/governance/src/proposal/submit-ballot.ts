// SPDX-License-Identifier: Apache-2.0
import { Transaction } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { authenticate } from "../request/authenticate.js";
import { parseSignedRequest, type SignedRequest } from "../request/signed-request.js";
import { decodeText, parseStrictJson } from "../request/strict-json.js";
import { PROPOSAL_ID } from "../request/protected-header.js";
import type { GovernanceScope } from "../scope.js";
import { Constitution } from "./constitution.js";
import type { ProposalRecord } from "./create-proposal.js";
import { type Committed, type Decision, executeAndCommit, type Execution } from "./execute.js";
import { failedProposal } from "./failed-proposal.js";
import { recordRequest, requireProposal, writeProposal } from "./proposal-table.js";
import { report } from "./report.js";
import { type Failure, resolveProposal, type Vote } from "./resolve-proposal.js";
import { SnapshotGuard } from "./snapshot-guard.js";

const BALLOT_CHARACTERS_MAX = 256 * 1024;

/** Records a member's vote and resolves the proposal with it. */
export function submitBallot(
  envelope: Uint8Array,
  scope: GovernanceScope,
  signal?: AbortSignal,
): Promise<Committed<ProposalRecord>> {
  const request = parseSignedRequest(envelope);
  return scope
    .turn(() =>
      executeAndCommit(scope.ledger, signal, (execution) => decide(request, execution, scope)),
    )
    .then(report(scope, "ballot recorded"));
}

async function decide(
  request: SignedRequest,
  execution: Execution,
  scope: GovernanceScope,
): Promise<Decision<ProposalRecord>> {
  const { tx } = execution;
  const memberId = authenticate(request, "ballot", tx, scope.memberKeys);
  const proposalId = requireProposalId(request);
  const before = requireProposal(tx, proposalId);
  if (before.state !== "Open")
    throw notOpen(proposalId, before.state, "only open proposals can receive votes");
  const ballot = ballotOf(request.payload);
  const given = Object.hasOwn(before.ballots, memberId) ? before.ballots[memberId] : undefined;
  if (given === ballot) return { commit: false, value: { proposalId, info: before } };
  if (given !== undefined) {
    throw governanceErrors(
      "VOTE_ALREADY_EXISTS",
      `Different ballot already submitted by m[${memberId}] for ${proposalId}.`,
    );
  }
  writeProposal(tx, proposalId, { ...before, ballots: { ...before.ballots, [memberId]: ballot } });
  recordRequest(tx, memberId, request.envelope);
  const facts = { digest: request.digest, createdAt: request.header.createdAt };
  const constitution = new Constitution(execution, facts, scope);
  const resolution = await resolveProposal(tx, constitution, proposalId, (votes) =>
    requireReadableBallot(votes, memberId),
  );
  const refuse = (failure: Failure): Decision<ProposalRecord> =>
    recordFailure(request, execution, { memberId, proposalId }, failure);
  if (resolution.failed) return refuse(resolution.failure);
  return {
    commit: true,
    value: { proposalId, info: resolution.info },
    ifEffectFails: (reason) => refuse({ reason: `Failed to apply(): ${reason}` }),
  };
}

/** Throws `INVALID_INPUT` unless the protected header names a proposal. */
export function requireProposalId({ header }: SignedRequest): string {
  if (header.proposalId !== undefined) return header.proposalId;
  throw governanceErrors("INVALID_INPUT", `Missing ${PROPOSAL_ID} in the protected header`, {
    fieldViolations: [
      {
        field: `cose_sign1.protected.${PROPOSAL_ID}`,
        description: "expected the id of the proposal",
      },
    ],
  });
}

export function notOpen(proposalId: string, state: string, rule: string): Error {
  return governanceErrors(
    "PROPOSAL_NOT_OPEN",
    `Proposal ${proposalId} is currently in state ${state.toLowerCase()} - ${rule}`,
    { details: { proposal_id: proposalId, state } },
  );
}

function ballotOf(payload: Uint8Array): string {
  const value = parseStrictJson(decodeText(payload));
  const ballot =
    typeof value === "object" && value !== null && "ballot" in value ? value.ballot : undefined;
  if (typeof ballot !== "string") {
    throw governanceErrors(
      "INVALID_INPUT",
      'Signed request body is not a JSON object containing required string field "ballot"',
      {
        fieldViolations: [{ field: "cose_sign1.payload.ballot", description: "expected a string" }],
      },
    );
  }
  if (ballot.length > BALLOT_CHARACTERS_MAX) {
    throw governanceErrors(
      "INVALID_BALLOT",
      `a ballot has at most ${BALLOT_CHARACTERS_MAX} characters`,
    );
  }
  return ballot;
}

/**
 * A ballot that is not even a module with a function `vote` is not taken. One that fails when it is
 * called is: its failure is shown when the proposal is resolved.
 */
function requireReadableBallot(votes: readonly Vote[], memberId: string): void {
  const outcome = votes.find((vote) => vote.memberId === memberId)?.outcome;
  if (outcome === undefined || outcome.ok || outcome.stage === "call" || outcome.stage === "engine")
    return;
  const verb = { compile: "compile", execute: "execute", export: "find export 'vote' in" }[
    outcome.stage
  ];
  throw governanceErrors("INVALID_BALLOT", `Failed to ${verb} the ballot: ${outcome.reason}`, {
    fieldViolations: [{ field: "cose_sign1.payload.ballot", description: outcome.reason }],
    ...(outcome.trace === undefined ? {} : { details: { trace: outcome.trace } }),
  });
}

/**
 * Nothing of the attempt counts: the ballot is not stored, the proposal stays open. But unlike in
 * CCF the reason stays visible with it, and the request that led to it is recorded.
 */
function recordFailure(
  request: SignedRequest,
  execution: Execution,
  { memberId, proposalId }: { memberId: string; proposalId: string },
  failure: Failure,
): Decision<ProposalRecord> {
  const tx = new Transaction(new SnapshotGuard(execution.snapshot));
  const info = requireProposal(tx, proposalId);
  writeProposal(tx, proposalId, { ...info, failure: { ...failure } });
  recordRequest(tx, memberId, request.envelope);
  return { commit: true, instead: tx, refusal: failedProposal(proposalId, failure) };
}
