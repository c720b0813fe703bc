// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Chunk } from "./append.js";
import type { StoredChunk } from "./copy-parser.js";
import { type GroupStore, openGroupStore } from "./group-store.js";
import { startTestDatabase, type TestDatabase } from "./testing/index.js";

describe("a group store", () => {
  let database: TestDatabase;
  before(async () => {
    database = await startTestDatabase();
  });
  after(() => database.stop());

  it("replays what was appended", async () => {
    await using store = await open(database);
    const view = await lead(store, 0);
    assert.equal(view, 2);
    const written: Chunk[] = [];
    let previousSeqno = 0;
    const answers: Promise<string>[] = [];
    for (let index = 0; index < 20; index++) {
      const lastSeqno = previousSeqno + 1 + (index % 5);
      const chunk = { view, previousSeqno, lastSeqno, entries: randomBytes(1 + index * 40_000) };
      written.push(chunk);
      answers.push(store.append(chunk));
      previousSeqno = lastSeqno;
    }
    assert.deepEqual(new Set(await Promise.all(answers)), new Set(["appended"]));
    const stored = await collect(store.replay(1));
    assert.deepEqual(
      stored.map(({ firstSeqno, lastSeqno, view }) => ({ firstSeqno, lastSeqno, view })),
      written.map((chunk) => ({
        firstSeqno: chunk.previousSeqno + 1,
        lastSeqno: chunk.lastSeqno,
        view: chunk.view,
      })),
    );
    for (const [index, { entries }] of stored.entries()) {
      assert.ok(entries.equals(written[index]?.entries ?? Buffer.alloc(0)));
    }
  });
});

async function open(database: TestDatabase, leaseMs = 5000): Promise<GroupStore> {
  return openGroupStore({ url: database.urls.ledger, group: 0, holder: "aa".repeat(32), leaseMs });
}

async function lead(store: GroupStore, verifiedSeqno: number): Promise<number> {
  const lease = await store.acquireLease(verifiedSeqno);
  assert.equal(lease.outcome, "acquired");
  return lease.outcome === "acquired" ? lease.view : 0;
}

async function collect(chunks: AsyncIterable<StoredChunk>): Promise<StoredChunk[]> {
  const all: StoredChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
