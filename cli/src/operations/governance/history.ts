// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { isAppError } from "@consortium/kit/errors";
import { governance } from "@consortium/proto";
import type { GovernanceClient } from "../../connect/clients.js";
import { readAllPages } from "../../connect/pages.js";
import type { Json } from "../../json.js";
import { parseJsonText } from "../../json.js";
import type { ProposalView } from "../../views/governance.js";
import {
  type OpenProposalView,
  type RecordedProposalView,
  type SignedRequestView,
  viewOpen,
  viewRecorded,
  viewSignedRequest,
} from "../../views/history.js";
import { completeId } from "./ids.js";
import { getBallot, getProposal, getProposalBody, listProposals, missing } from "./proposals.js";

/** Everything that the ledger records of a proposal. */
export interface ProposalRecordView extends RecordedProposalView {
  body: Json;
  /** JavaScript module texts by member. */
  ballots: Record<string, string>;
  requests: SignedRequestView[];
}

const PAGE_SIZE = 500;
const { UNSPECIFIED } = governance.ProposalState;

/** Every proposal there ever was, the newest first. */
export async function listHistory(client: GovernanceClient): Promise<RecordedProposalView[]> {
  const recorded = await readAllPages(
    (pageToken) =>
      whenReady(() =>
        client.listHistory({
          pageSize: PAGE_SIZE,
          pageToken,
          state: UNSPECIFIED,
          changedAfterSeqno: 0n,
        }),
      ),
    (page) => page.proposals,
  );
  return recorded.map((one) => viewRecorded(one));
}

/** The whole id of a proposal, open or long closed, of which the first digits were given. */
export function findRecordedId(client: GovernanceClient, text: string): Promise<string> {
  return completeId(text, "proposal", async () => {
    const present = (await listProposals(client)).map(({ proposalId }) => proposalId);
    if (present.some((id) => id.startsWith(text.toLowerCase()))) return present;
    return (await listHistory(client)).map(({ proposalId }) => proposalId);
  });
}

export async function listOpen(client: GovernanceClient): Promise<OpenProposalView[]> {
  const open = await readAllPages(
    (pageToken) => client.listOpenProposals({ pageSize: PAGE_SIZE, pageToken }),
    (page) => page.proposals,
  );
  return open.map((one) => viewOpen(one));
}

export async function getRecord(
  client: GovernanceClient,
  proposalId: string,
  options: { withEnvelopes: boolean },
): Promise<ProposalRecordView> {
  const { withEnvelopes } = options;
  const record = await whenReady(() => client.getHistory({ proposalId, withEnvelopes }));
  return {
    ...viewRecorded(record.recorded ?? missing("recorded")),
    body: parseJsonText(Buffer.from(record.body).toString("utf8")),
    ballots: { ...record.ballots },
    requests: record.requests.map((request) => viewSignedRequest(request)),
  };
}

/** The same of what the tables hold, from a node that keeps no history. */
export async function getPresent(
  client: GovernanceClient,
  proposalId: string,
): Promise<Pick<ProposalRecordView, "body" | "ballots"> & ProposalView> {
  const [proposal, body] = await Promise.all([
    getProposal(client, proposalId),
    getProposalBody(client, proposalId),
  ]);
  const ballots: Record<string, string> = {};
  for (const memberId of proposal.ballotSubmitters)
    ballots[memberId] = await getBallot(client, proposalId, memberId);
  return { ...proposal, body: parseJsonText(body), ballots };
}

export interface WatchOptions {
  signal: AbortSignal;
  intervalMs: number;
  /** Called once for each proposal that has changed, in the order of the changes. */
  onChange: (proposal: RecordedProposalView) => void;
}

/** Tells what changes from now on, until it is aborted. */
export async function watchProposals(
  client: GovernanceClient,
  { signal, intervalMs, onChange }: WatchOptions,
): Promise<void> {
  let since = await readSeqno(client);
  while (!signal.aborted) {
    const changed: RecordedProposalView[] = [];
    const first = since;
    for (let pageToken = ""; ;) {
      const page = await whenReady(() =>
        client.listHistory({
          pageSize: PAGE_SIZE,
          pageToken,
          state: UNSPECIFIED,
          changedAfterSeqno: first,
        }),
      );
      changed.push(...page.proposals.map((one) => viewRecorded(one)));
      // What the first page has seen: later pages may have seen more, and are asked again.
      if (pageToken === "") since = page.readSeqno;
      pageToken = page.nextPageToken;
      if (pageToken === "") break;
    }
    for (const proposal of changed.toSorted(byChange)) onChange(proposal);
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function readSeqno(client: GovernanceClient): Promise<bigint> {
  const request = { pageSize: 1, pageToken: "", state: UNSPECIFIED, changedAfterSeqno: 0n };
  return (await whenReady(() => client.listHistory(request))).readSeqno;
}

function byChange(a: RecordedProposalView, b: RecordedProposalView): number {
  return seqnoOf(a) - seqnoOf(b);
}

function seqnoOf({ changedTransactionId }: RecordedProposalView): number {
  return Number(changedTransactionId.split(".")[1]);
}

const READY_ATTEMPTS_MAX = 100;

/** A node reads a long ledger when it is first asked: it says so, and how long to wait. */
async function whenReady<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isAppError(error, "HISTORY_NOT_READY") || attempt === READY_ATTEMPTS_MAX) throw error;
      await sleep(error.retryAfterMs ?? 1_000);
    }
  }
}
