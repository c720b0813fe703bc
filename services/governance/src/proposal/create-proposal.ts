// SPDX-License-Identifier: Apache-2.0
import { sha256 } from "@consortium/crypto-wasm";
import { keyFromText, type rows, TABLES } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { authenticate } from "../request/authenticate.js";
import { parseSignedRequest, type SignedRequest } from "../request/signed-request.js";
import { decodeText, parseStrictJson } from "../request/strict-json.js";
import type { GovernanceScope } from "../scope.js";
import { Constitution, type RequestFacts } from "./constitution.js";
import { type Committed, type Decision, executeAndCommit, type Execution } from "./execute.js";
import { failedProposal } from "./failed-proposal.js";
import { recordRequest, writeProposal } from "./proposal-table.js";
import { report } from "./report.js";
import { enterReplayWindow, requireNotAhead } from "./replay-window.js";
import { resolveProposal } from "./resolve-proposal.js";

export interface ProposalRecord {
  readonly proposalId: string;
  readonly info: rows.ProposalInfo;
}

/** Records a proposal and resolves it at once: with a constitution that allows it, it is applied. */
export function createProposal(
  envelope: Uint8Array,
  scope: GovernanceScope,
  signal?: AbortSignal,
): Promise<Committed<ProposalRecord>> {
  const request = parseSignedRequest(envelope);
  return scope
    .turn(() =>
      executeAndCommit(scope.ledger, signal, (execution) => decide(request, execution, scope)),
    )
    .then(report(scope, "proposal created"));
}

async function decide(
  request: SignedRequest,
  execution: Execution,
  scope: GovernanceScope,
): Promise<Decision<ProposalRecord>> {
  const { tx, snapshot } = execution;
  const proposerId = authenticate(request, "proposal", tx, scope.memberKeys);
  const body = decodeText(request.payload);
  parseStrictJson(body);
  const facts: RequestFacts = { digest: request.digest, createdAt: request.header.createdAt };
  const proposalId = proposalIdOf(snapshot.root, request.digest);
  // Read before it is written, so that of two identical requests the second one conflicts.
  tx.has(TABLES.proposals, keyFromText(proposalId));
  const constitution = new Constitution(execution, facts, scope);
  await requireValid(constitution, body);
  tx.put(TABLES.proposals, keyFromText(proposalId), request.payload);
  writeProposal(tx, proposalId, { proposer_id: proposerId, state: "Open", ballots: {} });
  recordRequest(tx, proposerId, request.envelope);
  requireNotAhead(facts.createdAt, scope.now());
  enterReplayWindow(tx, facts, proposalId);
  const resolution = await resolveProposal(tx, constitution, proposalId);
  if (resolution.failed) throw failedProposal(proposalId, resolution.failure);
  return {
    commit: true,
    value: { proposalId, info: resolution.info },
    ifEffectFails: (reason) => {
      throw failedProposal(proposalId, { reason: `Failed to apply(): ${reason}` });
    },
  };
}

/** Not computable by the client: the state that the proposal was made in is part of it. */
export function proposalIdOf(root: Uint8Array, requestDigest: Uint8Array): string {
  return Buffer.from(sha256(Buffer.concat([root, requestDigest]))).toString("hex");
}

/** Throws `PROPOSAL_FAILED_TO_VALIDATE` unless the constitution finds the body valid. */
export async function requireValid(constitution: Constitution, body: string): Promise<string> {
  const validated = await constitution.validate(body);
  if (!validated.ok)
    throw invalid(`Failed to execute validation: ${validated.reason}`, validated.trace);
  const { result } = validated;
  if (!("valid" in result)) throw invalid("Validation failed to return an object");
  if (!result.valid) throw invalid(`Proposal failed to validate: ${result.description ?? ""}`);
  return result.description ?? "";
}

function invalid(message: string, trace?: string): Error {
  return governanceErrors(
    "PROPOSAL_FAILED_TO_VALIDATE",
    message,
    trace === undefined ? {} : { details: { trace } },
  );
}
