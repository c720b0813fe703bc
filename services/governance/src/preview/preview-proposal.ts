// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit";
import { governance } from "@consortium/proto";
import { sha256 } from "@consortium/crypto-wasm";
import { keyFromText, keyToBytes, keyToText, rows, TABLES, Transaction } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { Constitution, type RequestFacts } from "../proposal/constitution.js";
import { proposalIdOf, requireValid } from "../proposal/create-proposal.js";
import type { Execution } from "../proposal/execute.js";
import {
  readBody,
  requireDigestId,
  requireProposal,
  writeProposal,
} from "../proposal/proposal-table.js";
import { countVotes, type Failure, failureOf, statusOf } from "../proposal/resolve-proposal.js";
import { SnapshotGuard, StaleSnapshot } from "../proposal/snapshot-guard.js";
import { activeMemberIds } from "../reads/members.js";
import { proposalState, toFailure } from "../reads/proposals.js";
import { decodeText, parseStrictJson } from "../request/strict-json.js";
import type { GovernanceScope } from "../scope.js";
import { OverlayReader } from "./overlay-reader.js";

const ATTEMPTS_MAX = 5;
const YES = "export function vote (rawProposal, proposerId) { return true }";

/**
 * Runs the constitution in force on a copy of the state: what a proposal would change, and what one
 * more vote would bring about. Nothing is recorded, nobody has to have signed anything.
 */
export async function previewProposal(
  request: governance.PreviewProposalRequest,
  scope: GovernanceScope,
  nowMs: number,
): Promise<governance.PreviewProposalResponse> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await new Preview(request, scope, Math.floor(nowMs / 1000)).run();
    } catch (error) {
      if (!(error instanceof StaleSnapshot) || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** One attempt, on one snapshot. */
class Preview {
  readonly #request: governance.PreviewProposalRequest;
  readonly #scope: GovernanceScope;
  readonly #execution: Execution;
  readonly #now: number;

  constructor(request: governance.PreviewProposalRequest, scope: GovernanceScope, now: number) {
    const snapshot = scope.ledger.snapshot();
    this.#request = request;
    this.#scope = scope;
    this.#now = now;
    this.#execution = { snapshot, tx: new Transaction(new SnapshotGuard(snapshot)), effects: [] };
  }

  async run(): Promise<governance.PreviewProposalResponse> {
    const { tx, snapshot } = this.#execution;
    const { proposalId, body, isNew } = this.#place();
    const facts: RequestFacts = { digest: sha256(Buffer.from(body)), createdAt: this.#now };
    const constitution = new Constitution(this.#execution, facts, this.#scope);
    const validationError = isNew ? await validationErrorOf(constitution, body) : "";
    const votedMembers = Object.keys(requireProposal(tx, proposalId).ballots).sort();
    const voters = new Set(votedMembers);
    const common = {
      validationError,
      votedMembers,
      missingMembers: activeMemberIds(new SnapshotGuard(snapshot)).filter((id) => !voters.has(id)),
    };
    if (validationError !== "") {
      return { ...common, ...nothing(), stateAfter: governance.ProposalState.UNSPECIFIED };
    }
    const after = await this.#stateAfter(constitution, proposalId, body);
    const applied = await this.#apply(facts, proposalId, body);
    return {
      ...common,
      ...applied,
      failure: after.failure === undefined ? applied.failure : toFailure(after.failure),
      stateAfter: after.state,
    };
  }

  /** Puts the proposal into the copy, with the ballot that is tried. */
  #place(): { proposalId: string; body: string; isNew: boolean } {
    const { tx, snapshot } = this.#execution;
    const { subject, memberId } = this.#request;
    if (subject?.$case === "body") {
      const body = decodeText(subject.value);
      parseStrictJson(body);
      const proposalId = proposalIdOf(snapshot.root, sha256(subject.value));
      tx.put(TABLES.proposals, keyFromText(proposalId), subject.value);
      const proposer = activeMemberIds(new SnapshotGuard(snapshot))[0] ?? "";
      writeProposal(tx, proposalId, { proposer_id: proposer, state: "Open", ballots: {} });
      return { proposalId, body, isNew: true };
    }
    if (subject?.$case !== "proposalId") {
      throw governanceErrors("INVALID_INPUT", "either a body or a proposal id must be given");
    }
    const proposalId = requireDigestId(subject.value, "proposal ID", "proposal_id");
    const info = requireProposal(tx, proposalId);
    if (info.state !== "Open") {
      throw governanceErrors(
        "PROPOSAL_NOT_OPEN",
        `Proposal ${proposalId} is ${info.state.toLowerCase()}`,
      );
    }
    if (memberId !== "") {
      const member = requireDigestId(memberId, "member ID", "member_id");
      writeProposal(tx, proposalId, { ...info, ballots: { ...info.ballots, [member]: YES } });
    }
    return { proposalId, body: readBody(tx, proposalId), isNew: false };
  }

  async #stateAfter(
    constitution: Constitution,
    proposalId: string,
    body: string,
  ): Promise<{ state: governance.ProposalState; failure?: Failure }> {
    const info = requireProposal(this.#execution.tx, proposalId);
    const ballots = Object.entries(info.ballots).map(([memberId, text]) => ({ memberId, text }));
    const outcomes = await constitution.vote(ballots, body, info.proposer_id, proposalId);
    const { finalVotes } = countVotes(
      ballots.flatMap(({ memberId }, index) => {
        const outcome = outcomes[index];
        return outcome === undefined ? [] : [{ memberId, outcome }];
      }),
    );
    const votes = Object.entries(finalVotes).map(([member_id, vote]) => ({ member_id, vote }));
    const resolved = await constitution.resolve(body, info.proposer_id, votes, proposalId);
    if (!resolved.ok)
      return { state: governance.ProposalState.FAILED, failure: failureOf(resolved) };
    const status = statusOf(resolved.result);
    return {
      state: status === undefined ? governance.ProposalState.FAILED : proposalState(status),
    };
  }

  /** What `apply` alone writes, on top of the proposal being accepted. */
  async #apply(facts: RequestFacts, proposalId: string, body: string): Promise<Applied> {
    const { tx, snapshot } = this.#execution;
    writeProposal(tx, proposalId, { ...requireProposal(tx, proposalId), state: "Accepted" });
    const before = new OverlayReader(new SnapshotGuard(snapshot), tx.writes, snapshot.seqno + 1);
    const execution: Execution = { snapshot, tx: new Transaction(before), effects: [] };
    const constitution = new Constitution(execution, facts, this.#scope);
    const outcome = await constitution.apply(body, proposalId);
    if (!outcome.ok) return { ...nothing(), failure: toFailure(failureOf(outcome)) };
    return {
      changes: changesOf(execution.tx, before),
      effects: execution.effects.flatMap(({ effect }) =>
        effect === undefined ? [] : [effect.$case],
      ),
      failure: undefined,
      droppedProposals: droppedBy(execution.tx),
    };
  }
}

type Applied = Pick<
  governance.PreviewProposalResponse,
  "changes" | "effects" | "failure" | "droppedProposals"
>;

function nothing(): Applied {
  return { changes: [], effects: [], failure: undefined, droppedProposals: [] };
}

async function validationErrorOf(constitution: Constitution, body: string): Promise<string> {
  try {
    await requireValid(constitution, body);
    return "";
  } catch (error) {
    if (isAppError(error, "PROPOSAL_FAILED_TO_VALIDATE")) return error.message;
    throw error;
  }
}

function changesOf(tx: Transaction, before: OverlayReader): governance.TableChange[] {
  const changes: governance.TableChange[] = [];
  for (const [map, keys] of [...tx.writes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [key, value] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const old = before.get(map, key)?.value;
      const isSame =
        value === null ? old === undefined : old !== undefined && Buffer.compare(old, value) === 0;
      if (isSame) continue;
      changes.push({ map, key: keyToBytes(key), oldValue: old, newValue: value ?? undefined });
    }
  }
  return changes;
}

function droppedBy(tx: Transaction): string[] {
  const dropped: string[] = [];
  for (const [key, value] of tx.writes.get(TABLES.proposalsInfo) ?? []) {
    if (value !== null && rows.proposalsInfo.decode(value).state === "Dropped")
      dropped.push(keyToText(key));
  }
  return dropped.sort();
}
