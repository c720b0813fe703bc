// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAppError } from "@consortium/kit";
import { governance } from "@consortium/proto";
import { coseSign1Parse } from "@consortium/crypto-wasm";
import { iterateEntries } from "@consortium/ledger";
import { NO, YES } from "../testing/consortium.js";
import { createParty } from "../testing/member.js";
import { RecordedConsortium } from "../audit/testing/recorded-consortium.js";
import { getHistory, listHistory } from "./history-reads.js";
import { type ChunkReader, LedgerHistory } from "./ledger-history.js";
import { listOpenProposals } from "./open-proposals.js";

const { ProposalState } = governance;
const ALL = { pageSize: 0, pageToken: "", state: ProposalState.UNSPECIFIED, changedAfterSeqno: 0n };

/** The store as a history reads it: chunks of a ledger that goes on being written. */
function readerOf({ ledger }: RecordedConsortium): ChunkReader {
  const chunks = (): { firstSeqno: number; lastSeqno: number; view: number; entries: Buffer }[] =>
    ledger.builder.chunks().map((bytes) => {
      const seqnos = [...iterateEntries(bytes)].map(({ seqno }) => seqno);
      const entries = Buffer.from(bytes);
      return { firstSeqno: seqnos[0]!, lastSeqno: seqnos.at(-1)!, view: 2, entries };
    });
  return {
    readHead: () =>
      Promise.resolve({
        lastSeqno: ledger.builder.lastSeqno,
        view: 2,
        leaseRemainingMs: 0,
      } as never),
    readChunk: (seqno) =>
      Promise.resolve(
        chunks().find(({ firstSeqno, lastSeqno }) => firstSeqno <= seqno && seqno <= lastSeqno),
      ),
    async *replay(fromSeqno) {
      for (const chunk of chunks())
        if (chunk.lastSeqno >= fromSeqno) yield await Promise.resolve(chunk);
    },
  };
}

describe("the history of proposals", () => {
  let consortium: RecordedConsortium;
  let history: LedgerHistory;
  let accepted = "";
  let rejected = "";
  let withdrawn = "";

  before(async () => {
    consortium = await RecordedConsortium.start(3);
    await consortium.open();
    const user = createParty("user", "Secp256R1");
    accepted = (await consortium.pass("set_user", { cert: user.cert })).proposalId;
    rejected = (await consortium.propose("trigger_snapshot", undefined, 1)).proposalId;
    await consortium.vote(rejected, 0, NO);
    await consortium.vote(rejected, 1, NO);
    withdrawn = (await consortium.propose("trigger_ledger_chunk")).proposalId;
    await consortium.withdraw(withdrawn);
    history = new LedgerHistory({
      reader: readerOf(consortium),
      serviceCertificate: consortium.serviceCert,
    });
  });
  after(async () => {
    await history[Symbol.asyncDispose]();
    await consortium[Symbol.asyncDispose]();
  });

  it("has what the tables have forgotten, the newest first", async () => {
    const { proposals } = await listHistory(ALL, history);
    assert.deepEqual(
      proposals.map(({ proposal, actions }) => [proposal?.proposalId, proposal?.state, actions]),
      [
        [withdrawn, ProposalState.WITHDRAWN, ["trigger_ledger_chunk"]],
        [rejected, ProposalState.REJECTED, ["trigger_snapshot"]],
        [accepted, ProposalState.ACCEPTED, ["set_user"]],
        [
          proposals[3]?.proposal?.proposalId,
          ProposalState.ACCEPTED,
          ["transition_service_to_open"],
        ],
      ],
    );
    for (const { createdTransactionId, closedTransactionId, changedTransactionId } of proposals) {
      assert.match(createdTransactionId, /^2\.\d+$/);
      assert.equal(closedTransactionId, changedTransactionId);
    }
  });

  it("has the ballots, the votes that counted, and the requests as they were signed", async () => {
    const { recorded, body, ballots, requests } = await getHistory(
      { proposalId: rejected, withEnvelopes: true },
      history,
    );
    const [first, second] = [consortium.member(0).id, consortium.member(1).id];
    assert.deepEqual(recorded?.proposal?.finalVotes, { [first]: false, [second]: false });
    assert.deepEqual(JSON.parse(Buffer.from(body).toString()), {
      actions: [{ name: "trigger_snapshot" }],
    });
    assert.deepEqual(ballots, { [first]: NO, [second]: NO });
    assert.deepEqual(
      requests.map(({ messageType, memberId }) => [messageType, memberId]),
      [
        ["proposal", second],
        ["ballot", first],
        ["ballot", second],
      ],
    );
    assert.deepEqual(coseSign1Parse(requests[0]!.coseSign1).payload, body);
    const brief = await getHistory({ proposalId: rejected, withEnvelopes: false }, history);
    assert.equal(brief.requests[0]?.coseSign1.length, 0);
    assert.equal(brief.requests[0]?.sha256, requests[0]?.sha256);
  });

  it("goes on with the ledger, and tells what has changed since", async () => {
    const { readSeqno } = await listHistory(ALL, history);
    const { proposalId } = await consortium.propose("trigger_snapshot");
    await consortium.vote(proposalId, 2, YES);
    const since = await listHistory({ ...ALL, changedAfterSeqno: readSeqno }, history);
    assert.deepEqual(
      since.proposals.map(({ proposal, closedTransactionId }) => [
        proposal?.proposalId,
        proposal?.ballotSubmitters,
        closedTransactionId,
      ]),
      [[proposalId, [consortium.member(2).id], ""]],
    );
    assert.ok(since.readSeqno > readSeqno);
    const open = await listHistory({ ...ALL, state: ProposalState.OPEN }, history);
    assert.equal(open.proposals.length, 1);
    await consortium.withdraw(proposalId);
  });

  it("comes in pages that neither repeat nor hide a proposal", async () => {
    const seen: (string | undefined)[] = [];
    for (let pageToken = ""; ;) {
      const page = await listHistory({ ...ALL, pageSize: 2, pageToken }, history);
      seen.push(...page.proposals.map(({ proposal }) => proposal?.proposalId));
      if (seen.length === 2) {
        const { proposalId } = await consortium.propose("trigger_snapshot");
        await consortium.withdraw(proposalId);
      }
      pageToken = page.nextPageToken;
      if (pageToken === "") break;
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(seen.length, 5);
  });

  for (const [field, value] of [
    ["pageSize", 1_001],
    ["pageToken", "x"],
    ["pageToken", "-1"],
    ["pageToken", "1e3"],
  ] as const) {
    it(`refuses ${field} ${value}`, async () => {
      await assert.rejects(listHistory({ ...ALL, [field]: value }, history), (error) =>
        isAppError(error, "INVALID_PAGE"),
      );
    });
  }

  it("knows no proposal that never was", async () => {
    const request = { proposalId: "ab".repeat(32), withEnvelopes: false };
    await assert.rejects(getHistory(request, history), (error) =>
      isAppError(error, "PROPOSAL_NOT_FOUND"),
    );
  });

  it("believes no store that holds another service's ledger, or a changed one", async () => {
    await using other = await RecordedConsortium.start(1);
    const { serviceCert: serviceCertificate } = consortium;
    await using foreign = new LedgerHistory({ reader: readerOf(other), serviceCertificate });
    await assert.rejects(foreign.current(), (error) => isAppError(error, "HISTORY_UNREADABLE"));
    const reader = readerOf(consortium);
    await using changed = new LedgerHistory({
      reader: {
        ...reader,
        async *replay(fromSeqno) {
          for await (const chunk of reader.replay(fromSeqno)) {
            chunk.entries[chunk.entries.length - 1]! ^= 1;
            yield chunk;
          }
        },
      },
      serviceCertificate,
    });
    await assert.rejects(changed.current(), (error) => isAppError(error, "HISTORY_UNREADABLE"));
    await using forgetful = new LedgerHistory({
      reader: { ...reader, readChunk: () => Promise.resolve(undefined) },
      serviceCertificate,
    });
    await assert.rejects(
      getHistory({ proposalId: accepted, withEnvelopes: false }, forgetful),
      (error) => isAppError(error, "HISTORY_UNREADABLE"),
    );
  });
});

describe("the open proposals", () => {
  it("come with what they still need", async () => {
    await using consortium = await RecordedConsortium.start(3);
    await consortium.open();
    const { proposalId } = await consortium.propose("trigger_snapshot");
    await consortium.vote(proposalId, 1);
    const { proposals } = listOpenProposals(consortium.ledger.state.committed, {
      pageSize: 0,
      pageToken: "",
    });
    const [open] = proposals;
    assert.equal(proposals.length, 1);
    assert.equal(open?.proposal?.proposalId, proposalId);
    assert.deepEqual(open?.actions, ["trigger_snapshot"]);
    assert.deepEqual(
      open?.missingMembers,
      [consortium.member(0).id, consortium.member(2).id].sort(),
    );
    assert.ok((open?.createdSeqno ?? 0n) > 0n);
  });
});
