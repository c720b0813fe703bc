// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  encodeConsensusHeader,
  encodeJson,
  keyFromText,
  KvState,
  type PeerLink,
  TABLES,
} from "@consortium/ledger";
import { Replication } from "./replication.js";

const [OWN, OTHER, THIRD] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)];
const VIEW = 3;

describe("the primary counts", () => {
  it("a node that has verified the same", () => {
    const { replication, answer } = trusting(OWN, OTHER);
    replication.stored(chunk(1, 4));
    assert.equal(replication.majoritySeqno, 0);
    answer(OTHER, 4, rootOf(4));
    assert.equal(replication.majoritySeqno, 4);
    assert.equal(replication.peers()[0]?.lag, 0);
  });

  it("an answer for an older chunk by the root of that chunk", () => {
    const { replication, answer } = trusting(OWN, OTHER);
    replication.stored(chunk(1, 4));
    replication.stored(chunk(5, 9));
    answer(OTHER, 4, rootOf(9));
    assert.equal(replication.majoritySeqno, 0);
    answer(OTHER, 4, rootOf(4));
    assert.equal(replication.majoritySeqno, 4);
  });

  it("nobody who has verified something else at the same seqno", () => {
    const { replication, answer } = trusting(OWN, OTHER, THIRD);
    replication.stored(chunk(1, 4));
    answer(OTHER, 4, rootOf(99));
    answer(THIRD, 5, rootOf(5));
    assert.equal(replication.majoritySeqno, 0);
    assert.deepEqual(
      replication.peers().map(({ answered }) => answered),
      [0, 0],
    );
  });

  it("nobody who speaks of another view", () => {
    const { replication, answer } = trusting(OWN, OTHER);
    replication.stored(chunk(1, 4));
    answer(OTHER, 4, rootOf(4), VIEW - 1);
    assert.equal(replication.majoritySeqno, 0);
  });

  it("answers for as many chunks as it remembers, and no others", () => {
    const { replication, answer } = trusting(OWN, OTHER);
    for (let seqno = 1; seqno <= 1100; seqno += 1) replication.stored(chunk(seqno, seqno));
    answer(OTHER, 5, rootOf(5));
    assert.equal(replication.majoritySeqno, 0);
    answer(OTHER, 1000, rootOf(1000));
    assert.equal(replication.majoritySeqno, 1000);
  });
});

function trusting(...nodeIds: string[]): {
  replication: Replication;
  answer: (from: string, lastSeqno: number, root: Uint8Array, view?: number) => void;
} {
  const kv = new KvState();
  const row = encodeJson({ status: "Trusted" });
  kv.apply(1, new Map([[TABLES.nodesInfo, new Map(nodeIds.map((id) => [keyFromText(id), row]))]]));
  kv.commit(1);
  const replication = new Replication({
    groupId: 0,
    view: VIEW,
    nodeId: OWN ?? "",
    kv: kv.committed,
    link: UNREACHABLE,
  });
  return {
    replication,
    answer: (from, lastSeqno, root, view = VIEW) => {
      const header = encodeConsensusHeader({ kind: "answer", groupId: 0, view, lastSeqno, root });
      replication.receive(from, header);
    },
  };
}

/** What is sent gets nowhere: the answers come from the tests. */
const UNREACHABLE: PeerLink = {
  request: () => Promise.reject(new Error("unreachable")),
  onRequest: () => undefined,
  send: () => Promise.reject(new Error("unreachable")),
  onConsensus: () => undefined,
  onLost: () => undefined,
  recheck: () => undefined,
};

function rootOf(seqno: number): Uint8Array {
  const root = Buffer.alloc(32);
  root.writeUInt32LE(seqno);
  return new Uint8Array(root);
}

function chunk(
  firstSeqno: number,
  lastSeqno: number,
): { firstSeqno: number; lastSeqno: number; root: Uint8Array; entries: Uint8Array } {
  return { firstSeqno, lastSeqno, root: rootOf(lastSeqno), entries: new Uint8Array(1) };
}
