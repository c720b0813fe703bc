// SPDX-License-Identifier: Apache-2.0
import type { rows, Transaction } from "@consortium/ledger";
import type {
  EvaluationFailure,
  EvaluationOutcome,
  ResultDescription,
} from "../sandbox/protocol.js";
import type { Constitution } from "./constitution.js";
import {
  pruneClosedProposals,
  readBody,
  requireProposal,
  writeProposal,
} from "./proposal-table.js";

export type Failure = { readonly reason: string; readonly trace?: string };

/** What resolving came to: the proposal as it is now, or why it failed. */
export type Resolution =
  | { readonly failed: false; readonly info: rows.ProposalInfo }
  | { readonly failed: true; readonly failure: Failure };

/** Said of one ballot that was evaluated. */
export interface Vote {
  readonly memberId: string;
  readonly outcome: EvaluationOutcome;
}

/**
 * Evaluates every ballot anew, asks the constitution what they come to, and applies the proposal
 * when it is accepted (`reference` B.4). When it fails the transaction must not be committed.
 */
export async function resolveProposal(
  tx: Transaction,
  constitution: Constitution,
  proposalId: string,
  onVotes?: (votes: readonly Vote[]) => void,
): Promise<Resolution> {
  const info = requireProposal(tx, proposalId);
  const body = readBody(tx, proposalId);
  const ballots = Object.entries(info.ballots).map(([memberId, text]) => ({ memberId, text }));
  const outcomes = await constitution.vote(ballots, body, info.proposer_id, proposalId);
  const votes = ballots.map(({ memberId }, index) => ({
    memberId,
    outcome: outcomes[index] as EvaluationOutcome,
  }));
  onVotes?.(votes);
  const { finalVotes, failures } = countVotes(votes);
  const resolved = await constitution.resolve(
    body,
    info.proposer_id,
    Object.entries(finalVotes).map(([memberId, vote]) => ({ member_id: memberId, vote })),
    proposalId,
  );
  if (!resolved.ok) return failed("Failed to resolve()", resolved);
  const { result } = resolved;
  const state = statusOf(result);
  if (state === "Open") return { failed: false, info };
  if (state === undefined) {
    const shown = "text" in result ? result.text : String(result.value);
    return {
      failed: true,
      failure: { reason: `resolve() returned invalid status value: "${shown}"` },
    };
  }
  const { failure: _, ...rest } = info;
  const closed = { ...rest, state, final_votes: finalVotes, vote_failures: failures };
  writeProposal(tx, proposalId, closed);
  pruneClosedProposals(tx, proposalId);
  if (state === "Rejected") return { failed: false, info: closed };
  const applied = await constitution.apply(body, proposalId);
  if (!applied.ok) return failed("Failed to apply()", applied);
  return { failed: false, info: requireProposal(tx, proposalId) };
}

/** What `resolve` may say. */
export function statusOf(result: ResultDescription): "Open" | "Accepted" | "Rejected" | undefined {
  const value = "value" in result ? result.value : undefined;
  return value === "Open" || value === "Accepted" || value === "Rejected" ? value : undefined;
}

export function countVotes(votes: readonly Vote[]): {
  finalVotes: Record<string, boolean>;
  failures: Record<string, Failure>;
} {
  const finalVotes: Record<string, boolean> = {};
  const failures: Record<string, Failure> = {};
  for (const { memberId, outcome } of votes) {
    if (outcome.ok)
      finalVotes[memberId] = "value" in outcome.result && outcome.result.value === true;
    else failures[memberId] = failureOf(outcome);
  }
  return { finalVotes, failures };
}

function failed(what: string, outcome: EvaluationFailure): Resolution {
  const { reason, ...trace } = failureOf(outcome);
  return { failed: true, failure: { reason: `${what}: ${reason}`, ...trace } };
}

export function failureOf({ reason, trace }: EvaluationFailure): Failure {
  return trace === undefined ? { reason } : { reason, trace };
}
