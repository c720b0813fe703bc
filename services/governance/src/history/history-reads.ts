// SPDX-License-Identifier: Apache-2.0
import type { governance } from "@consortium/proto";
import { encodeHex, formatTransactionId } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { requireDigestId } from "../proposal/proposal-table.js";
import { proposalState, toProposal } from "../reads/proposals.js";
import { parseSignedRequest } from "../request/signed-request.js";
import { decodeText } from "../request/strict-json.js";
import type { LedgerHistory } from "./ledger-history.js";
import type { HistoryEntry } from "./proposal-history.js";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1_000;
const TOKEN = /^(0|[1-9][0-9]{0,8})$/;

/**
 * The newest proposals first. The token is how many are older than the next page begins with, so
 * proposals that are made meanwhile neither repeat nor hide one.
 */
export async function listHistory(
  request: governance.ListHistoryRequest,
  history: LedgerHistory,
): Promise<governance.ListHistoryResponse> {
  const { entries } = await history.current();
  const { pageSize, pageToken, state, changedAfterSeqno } = request;
  if (pageSize > PAGE_SIZE_MAX) throw invalid("page_size", `expected 1 to ${PAGE_SIZE_MAX}`);
  if (pageToken !== "" && !TOKEN.test(pageToken))
    throw invalid("page_token", "expected a token that an earlier page gave");
  const sizeMax = pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize;
  const proposals: governance.RecordedProposal[] = [];
  let next = Math.min(pageToken === "" ? entries.length : Number(pageToken), entries.length);
  for (; next > 0 && proposals.length < sizeMax; next -= 1) {
    const entry = entries[next - 1] as HistoryEntry;
    if (BigInt(entry.changedSeqno) <= changedAfterSeqno) continue;
    if (state === 0 || proposalState(entry.info.state) === state) proposals.push(toRecorded(entry));
  }
  const nextPageToken = next > 0 ? String(next) : "";
  return { proposals, nextPageToken, readSeqno: BigInt(history.seqno) };
}

/** Throws `PROPOSAL_NOT_FOUND`. */
export async function getHistory(
  { proposalId, withEnvelopes }: governance.GetHistoryRequest,
  history: LedgerHistory,
): Promise<governance.GetHistoryResponse> {
  const id = requireDigestId(proposalId, "proposal ID", "proposal_id");
  const entry = (await history.current()).find(id);
  if (entry === undefined) {
    throw governanceErrors("PROPOSAL_NOT_FOUND", `There never was a proposal ${id}.`);
  }
  const requests: governance.SignedRequest[] = [];
  const ballots: Record<string, string> = {};
  let body: Uint8Array = new Uint8Array();
  for (const request of entry.requests) {
    const { seqno, view, memberId, messageType, createdAt, digest } = request;
    const envelope = await history.readEnvelope(request);
    const { payload } = parseSignedRequest(envelope);
    if (messageType === "proposal") body = payload;
    // A ballot that led to a failure was not counted, and can be cast again.
    if (messageType === "ballot" && entry.ballotSubmitters.includes(memberId))
      ballots[memberId] = ballotIn(payload);
    requests.push({
      transactionId: formatTransactionId(view, seqno),
      memberId,
      messageType,
      createdAt: BigInt(createdAt),
      sha256: encodeHex(digest),
      coseSign1: withEnvelopes ? envelope : new Uint8Array(),
    });
  }
  return { recorded: toRecorded(entry), body, ballots, requests };
}

function ballotIn(payload: Uint8Array): string {
  const { ballot } = JSON.parse(decodeText(payload)) as { ballot: string };
  return ballot;
}

function toRecorded(entry: HistoryEntry): governance.RecordedProposal {
  const { proposalId, info, ballotSubmitters, actions } = entry;
  return {
    proposal: { ...toProposal(proposalId, info), ballotSubmitters },
    actions: [...actions],
    createdTransactionId: entry.createdTransactionId,
    changedTransactionId: entry.changedTransactionId,
    closedTransactionId: entry.closedTransactionId ?? "",
  };
}

function invalid(field: string, description: string): Error {
  return governanceErrors("INVALID_PAGE", `${field} is invalid: ${description}`, {
    fieldViolations: [{ field, description }],
  });
}
