// SPDX-License-Identifier: Apache-2.0
import type { Json } from "../json.js";
import type { ProposalView } from "../views/governance.js";
import type { PreviewView } from "../views/preview.js";
import { describePem } from "./certificate.js";
import { renderFields, renderTable } from "./table.js";
import { count, faint, shortId, statusWord, strong } from "./text.js";

const VALUE_LENGTH_MAX = 160;

export function renderProposals(proposals: readonly ProposalView[]): string {
  const rows = proposals.map((proposal) => [
    proposal.proposalId,
    statusWord(proposal.proposalState),
    String(proposal.ballotCount),
    shortId(proposal.proposerId),
  ]);
  return renderTable(["PROPOSAL", "STATE", "VOTES", "PROPOSER"], rows, "There are no proposals.");
}

export function renderProposal(proposal: ProposalView): string {
  const votes = proposal.finalVotes ?? {};
  const lines = [
    renderFields([
      ["proposal", proposal.proposalId],
      ["state", statusWord(proposal.proposalState)],
      ["proposer", proposal.proposerId],
      ["votes", String(proposal.ballotCount)],
    ]),
    ...proposal.ballotSubmitters.map((id) => `  ${id}${voteWord(votes[id])}`),
  ];
  for (const [id, failure] of Object.entries(proposal.voteFailures ?? {})) {
    lines.push(`vote of ${shortId(id)} failed: ${failure.reason}`);
  }
  if (proposal.failure !== undefined) lines.push(`failed: ${proposal.failure.reason}`);
  return lines.join("\n");
}

function voteWord(vote: boolean | undefined): string {
  if (vote === undefined) return "";
  return vote ? "  yes" : "  no";
}

/** The state in one line, after something was done to a proposal. */
export function renderRecorded(proposal: ProposalView, transactionId: string): string {
  return renderFields([
    ["proposal", proposal.proposalId],
    ["state", `${statusWord(proposal.proposalState)}, ${count(proposal.ballotCount, "vote")}`],
    ["transaction", transactionId === "" ? undefined : transactionId],
    ["failure", proposal.failure?.reason],
  ]);
}

/** The body of a proposal for reading: each action with its arguments. */
export function renderBody(body: Json): string {
  const actions =
    isObject(body) && Array.isArray(body["actions"]) ? (body["actions"] as Json[]) : undefined;
  if (actions === undefined) return JSON.stringify(body, undefined, 2);
  return actions.map((action) => renderAction(action)).join("\n");
}

function renderAction(action: Json): string {
  if (!isObject(action) || typeof action["name"] !== "string") return JSON.stringify(action);
  const args = action["args"];
  const fields = isObject(args) ? Object.entries(args) : [];
  const shown = fields.map(([name, value]) => [name, showValue(value)] as const);
  const heading = strong(action["name"]);
  return shown.length === 0 ? heading : `${heading}\n${renderFields(shown, "  ")}`;
}

function showValue(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const trimmed = text.trimEnd();
  if (trimmed.startsWith("-----BEGIN ")) return describePem(trimmed);
  return trimmed.length > VALUE_LENGTH_MAX
    ? `${trimmed.slice(0, VALUE_LENGTH_MAX)}… ${faint(`(${trimmed.length} characters)`)}`
    : trimmed;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function renderPreview(preview: PreviewView): string {
  if (preview.validationError !== null) return `would be refused: ${preview.validationError}`;
  const lines = preview.changes.flatMap(({ map, key, oldValue, newValue }) => [
    `${strong(map)} ${key}`,
    ...(oldValue === null ? [] : [`  - ${showValue(oldValue)}`]),
    ...(newValue === null ? [] : [`  + ${showValue(newValue)}`]),
  ]);
  const head =
    lines.length === 0 ? "If accepted it would change no table." : "If accepted it would change:";
  const rest = renderFields([
    ["effects", listOrNothing(preview.effects)],
    ["would fail", preview.failure?.reason],
    ["voted", listOrNothing(preview.votedMembers.map((id) => shortId(id)))],
    ["not yet voted", listOrNothing(preview.missingMembers.map((id) => shortId(id)))],
    ["state after", statusWord(preview.stateAfter)],
    ["would drop", listOrNothing(preview.droppedProposals.map((id) => shortId(id)))],
  ]);
  return [head, ...lines, rest].join("\n");
}

/** Who has voted, who has not, and whether one more yes decides. */
export function renderVotePreview(preview: PreviewView): string {
  return renderFields([
    ["voted", listOrNothing(preview.votedMembers.map((id) => shortId(id)))],
    ["not yet voted", listOrNothing(preview.missingMembers.map((id) => shortId(id)))],
    ["a yes makes it", statusWord(preview.stateAfter)],
    ["would fail", preview.failure?.reason],
    ["would drop", listOrNothing(preview.droppedProposals.map((id) => shortId(id)))],
  ]);
}

function listOrNothing(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(", ");
}
