// SPDX-License-Identifier: Apache-2.0
import { keyFromText, keyToText, rows, TABLES, type Transaction } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";

const ID = /^[0-9a-f]{64}$/;

/** Throws `INVALID_RESOURCE_NAME` unless it is the text of a SHA-256 digest. */
export function requireDigestId(id: string, what: string, field: string): string {
  if (/^[0-9a-f]{64}$/i.test(id)) return id.toLowerCase();
  const description = `expected 64 hex digits`;
  throw governanceErrors(
    "INVALID_RESOURCE_NAME",
    `'${id.slice(0, 100)}' is not a valid hex-encoded ${what}`,
    {
      fieldViolations: [{ field, description }],
    },
  );
}

export function readProposal(tx: Transaction, proposalId: string): rows.ProposalInfo | undefined {
  if (!ID.test(proposalId)) return undefined;
  const row = tx.get(TABLES.proposalsInfo, keyFromText(proposalId));
  return row === undefined ? undefined : rows.proposalsInfo.decode(row);
}

/** Throws `PROPOSAL_NOT_FOUND`. */
export function requireProposal(tx: Transaction, proposalId: string): rows.ProposalInfo {
  const info = readProposal(tx, proposalId);
  if (info !== undefined) return info;
  throw governanceErrors(
    "PROPOSAL_NOT_FOUND",
    `Could not find proposal ${proposalId.slice(0, 100)}.`,
    {
      hint: "The tables hold the open proposals and the last that was closed.",
    },
  );
}

export function writeProposal(tx: Transaction, proposalId: string, info: rows.ProposalInfo): void {
  tx.put(TABLES.proposalsInfo, keyFromText(proposalId), rows.proposalsInfo.encode(info));
}

/** The signed body, as text. */
export function readBody(tx: Transaction, proposalId: string): string {
  const body = tx.get(TABLES.proposals, keyFromText(proposalId));
  if (body === undefined)
    throw governanceErrors("PROPOSAL_NOT_FOUND", `Could not find proposal ${proposalId}.`);
  return Buffer.from(body).toString("utf8");
}

/** A proposal that is closed pushes out every other one that was closed before it. */
export function pruneClosedProposals(tx: Transaction, exceptId: string): void {
  for (const [key, value] of tx.entries(TABLES.proposalsInfo)) {
    if (keyToText(key) === exceptId || rows.proposalsInfo.decode(value).state === "Open") continue;
    tx.remove(TABLES.proposalsInfo, key);
    tx.remove(TABLES.proposals, key);
  }
}

/** The last signed request of a member stands on the ledger as it came. */
export function recordRequest(tx: Transaction, memberId: string, envelope: Uint8Array): void {
  const text = Buffer.from(envelope).toString("base64");
  tx.put(TABLES.coseHistory, keyFromText(memberId), rows.coseHistory.encode(text));
}
