// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import type { Chunk } from "./append.js";
import { CHUNK_BYTES_MAX } from "./append.js";
import { openGroupReader } from "./group-reader.js";
import { openGroupStore } from "./group-store.js";
import { startTestDatabase, type TestDatabase } from "./testing/index.js";
import { asStored, chunkAfter, collect, lead, NODE_B, openStore, until } from "./testing/stores.js";

let database: TestDatabase;
beforeEach(async () => {
  database = await startTestDatabase();
});
afterEach(() => database.stop());

describe("appending and reading", () => {
  it("replays what was appended, in order, whatever the sizes", async () => {
    await using store = await openStore(database.urls.ledger);
    const written = await appendAll(store, randomChunks(40, 3, 400_000));
    assert.deepEqual(await collect(store.replay(1)), written.map(asStored));
  });

  it("replays ten thousand small chunks", async () => {
    await using store = await openStore(database.urls.ledger);
    const written = await appendAll(store, randomChunks(10_000, 4, 60));
    let index = 0;
    for await (const chunk of store.replay(1)) {
      assert.deepEqual(chunk, asStored(written[index++] as Chunk));
    }
    assert.equal(index, 10_000);
  });

  it("replays from the chunk that holds the seqno", async () => {
    await using store = await openStore(database.urls.ledger);
    const written = await appendAll(store, [
      chunkAfter(0, 2, 3),
      chunkAfter(3, 2, 3),
      chunkAfter(6, 2, 3),
    ]);
    const starts = await Promise.all(
      [1, 3, 4, 6, 7, 9].map(async (seqno) => (await collect(store.replay(seqno)))[0]?.firstSeqno),
    );
    assert.deepEqual(starts, [1, 1, 4, 4, 7, 7]);
    assert.deepEqual(await collect(store.replay(10)), []);
    assert.deepEqual(await collect(store.replay(1000)), []);
    assert.deepEqual(await collect(store.replay(5)), written.slice(1).map(asStored));
  });

  it("finds the chunk of a seqno", async () => {
    await using store = await openStore(database.urls.ledger);
    const [first, second] = await appendAll(store, [chunkAfter(0, 2, 3), chunkAfter(3, 2, 1)]);
    assert.deepEqual(await store.readChunk(1), asStored(first as Chunk));
    assert.deepEqual(await store.readChunk(3), asStored(first as Chunk));
    assert.deepEqual(await store.readChunk(4), asStored(second as Chunk));
    assert.equal(await store.readChunk(5), undefined);
  });

  it("lets a reader's login read and not lead", async () => {
    await using store = await openStore(database.urls.ledger);
    const written = await appendAll(store, [chunkAfter(0, 2)]);
    await using reader = await openGroupReader({ url: database.urls.governance, group: 0 });
    assert.deepEqual(await collect(reader.replay(1)), written.map(asStored));
    assert.equal((await reader.readHead()).lastSeqno, 1);
    await using other = await openStore(database.urls.governance, NODE_B);
    await assert.rejects(other.acquireLease(1), { code: "STORE_ACCESS_DENIED" });
  });

  it("refuses a chunk that cannot be one before it is sent", async () => {
    await using store = await openStore(database.urls.ledger);
    const good = chunkAfter(0, 2);
    const bad: Record<string, Partial<Chunk>> = {
      "no entries": { entries: Buffer.alloc(0) },
      "too many bytes": { entries: { length: CHUNK_BYTES_MAX + 1 } as Uint8Array },
      "a view before the first": { view: 1 },
      "a view that is no integer": { view: 2.5 },
      "a negative seqno": { previousSeqno: -1 },
      "no seqno": { lastSeqno: 0 },
      "seqnos in the wrong order": { previousSeqno: 5, lastSeqno: 4 },
      "a seqno beyond safe integers": { lastSeqno: 2 ** 53 },
      "a seqno that is not a number": { lastSeqno: Number.NaN },
    };
    for (const [name, fields] of Object.entries(bad)) {
      assert.throws(() => store.append({ ...good, ...fields }), { code: "CHUNK_INVALID" }, name);
    }
    assert.equal((await store.readHead()).lastSeqno, 0);
  });

  it("takes bytes from the middle of a larger buffer", async () => {
    await using store = await openStore(database.urls.ledger);
    const view = await lead(store, 0);
    const entries = new Uint8Array(randomBytes(64).buffer).subarray(10, 20);
    await store.append({ view, previousSeqno: 0, lastSeqno: 1, entries });
    assert.deepEqual((await store.readChunk(1))?.entries, Buffer.from(entries));
  });
});

describe("the lease", () => {
  it("starts at view 2 until something is written, and then takes the next view at each start", async () => {
    await using store = await openStore(database.urls.ledger);
    assert.equal(await lead(store, 0), 2);
    await store.releaseLease(2);
    assert.equal(await lead(store, 0), 2);
    await store.append(chunkAfter(0, 2));
    await store.releaseLease(2);
    assert.equal(await lead(store, 1), 3);
    assert.equal(await lead(store, 1), 4);
  });

  it("is held against another node and another process of the same node until it runs out", async () => {
    const leaseMs = 1000;
    await using store = await openStore(database.urls.ledger, undefined, leaseMs);
    await lead(store, 0);
    for (const holder of [store.holder, NODE_B]) {
      await using other = await openStore(database.urls.ledger, holder, leaseMs);
      await store.renewLease(2);
      const refused = await other.acquireLease(0);
      assert.equal(refused.outcome, "held");
      assert.ok(refused.outcome === "held" && refused.head.leaseRemainingMs > 0);
      assert.ok(refused.outcome === "held" && refused.head.leaseRemainingMs <= leaseMs);
    }
    await using next = await openStore(database.urls.ledger, NODE_B, leaseMs);
    await until(async () => (await next.readHead()).leaseRemainingMs === 0);
    assert.equal((await next.acquireLease(0)).outcome, "acquired");
    assert.equal(await store.renewLease(2), "fenced");
  });

  it("is free at once when it was released", async () => {
    await using store = await openStore(database.urls.ledger);
    await using other = await openStore(database.urls.ledger, NODE_B);
    await lead(store, 0);
    assert.equal(await store.releaseLease(2), "released");
    assert.deepEqual(await other.readHead(), {
      group: 0,
      view: 2,
      lastSeqno: 0,
      holder: undefined,
      instance: undefined,
      leaseRemainingMs: 0,
    });
    await lead(other, 0);
    assert.equal(await store.releaseLease(2), "fenced");
  });

  it("is extended by an append", async () => {
    await using store = await openStore(database.urls.ledger, undefined, 60_000);
    const view = await lead(store, 0);
    const fresh = await store.readHead();
    let aged = fresh;
    await until(async () => {
      aged = await store.readHead();
      return aged.leaseRemainingMs < fresh.leaseRemainingMs - 20;
    });
    await store.append(chunkAfter(0, view));
    assert.ok((await store.readHead()).leaseRemainingMs > aged.leaseRemainingMs);
  });

  it("is refused to who has not verified everything, or has seen more than there is", async () => {
    await using store = await openStore(database.urls.ledger);
    await store.append(chunkAfter(0, await lead(store, 0), 5));
    await store.releaseLease(2);
    assert.equal((await store.acquireLease(4)).outcome, "ahead");
    assert.equal((await store.acquireLease(6)).outcome, "behind");
    assert.equal((await store.acquireLease(5)).outcome, "acquired");
  });

  it("goes to exactly one of many who want it at once", async () => {
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => openStore(database.urls.ledger)),
    );
    const outcomes = await Promise.all(stores.map((store) => store.acquireLease(0)));
    assert.equal(outcomes.filter(({ outcome }) => outcome === "acquired").length, 1);
    await Promise.all(stores.map((store) => store.close()));
  });
});

describe("fencing", () => {
  it("refuses every append of a writer that was overtaken, also those in flight", async () => {
    await using old = await openStore(database.urls.ledger, undefined, 1);
    const view = await lead(old, 0);
    await old.append(chunkAfter(0, view));
    await using young = await openStore(database.urls.ledger, NODE_B);
    await until(async () => (await young.readHead()).leaseRemainingMs === 0);
    const youngView = await lead(young, 1);
    const answers = [1, 2, 3].map((seqno) => old.append(chunkAfter(seqno, view)));
    answers.push(young.append(chunkAfter(1, youngView, 1, "young")));
    assert.deepEqual(await Promise.all(answers), ["fenced", "fenced", "fenced", "appended"]);
    const chunks = await collect(young.replay(1));
    assert.deepEqual(
      chunks.map(({ view }) => view),
      [view, youngView],
    );
  });

  it("lets a writer go on whose lease ran out while nobody wanted it", async () => {
    await using store = await openStore(database.urls.ledger, undefined, 1);
    const view = await lead(store, 0);
    await until(async () => (await store.readHead()).leaseRemainingMs === 0);
    assert.equal(await store.append(chunkAfter(0, view)), "appended");
  });

  it("keeps one ledger while two processes take the lead from each other", async () => {
    const written: string[] = [];
    const work = async (holder: string): Promise<void> => {
      await using store = await openStore(database.urls.ledger, holder, 1);
      for (let turn = 0; turn < 25; turn++) {
        const { lastSeqno } = await store.readHead();
        const lease = await store.acquireLease(lastSeqno);
        if (lease.outcome !== "acquired") continue;
        let previousSeqno = lastSeqno;
        for (let count = randomInt(1, 6); count > 0; count--) {
          const chunk = chunkAfter(previousSeqno, lease.view, randomInt(1, 4), holder.slice(0, 2));
          const outcome = await store.append(chunk);
          if (outcome === "fenced") break;
          written.push(Buffer.from(chunk.entries).toString());
          previousSeqno = chunk.lastSeqno;
        }
      }
    };
    await Promise.all([work("aa".repeat(32)), work(NODE_B)]);
    await using reader = await openGroupReader({ url: database.urls.auditor, group: 0 });
    const stored = await collect(reader.replay(1));
    const numberOf = (text: string): number => Number.parseInt(text, 10);
    assert.deepEqual(
      stored.map(({ entries }) => entries.toString()),
      written.sort((a, b) => numberOf(a) - numberOf(b)),
    );
  });

  it("does not append where the head is not", async () => {
    await using store = await openStore(database.urls.ledger);
    const view = await lead(store, 0);
    assert.equal(await store.append(chunkAfter(3, view)), "fenced");
    assert.equal(await store.append(chunkAfter(0, view)), "appended");
    assert.equal(await store.append(chunkAfter(0, view, 1, "another")), "fenced");
    assert.equal(
      await store.append(chunkAfter(0, view)),
      "appended",
      "the same chunk again is answered alike",
    );
    assert.equal((await collect(store.replay(1))).length, 1);
  });
});

describe("opening", () => {
  it("says which group a login does not see", async () => {
    await assert.rejects(
      openGroupStore({ url: database.urls.ledger, group: 7, holder: NODE_B, leaseMs: 1000 }),
      (error) => isAppError(error, "GROUP_NOT_VISIBLE") && error.details["group"] === "7",
    );
  });

  it("says that the password is wrong", async () => {
    const url = new URL(database.urls.ledger);
    url.password = "wrong";
    await assert.rejects(openStore(url.toString()), { code: "DATABASE_LOGIN_REFUSED" });
  });

  it("says that there is no database", async () => {
    await assert.rejects(openStore("postgres://a:b@127.0.0.1:1/ledger"), {
      code: "DATABASE_UNAVAILABLE",
    });
  });
});

function randomChunks(count: number, entriesMax: number, bytesMax: number): Chunk[] {
  let previousSeqno = 0;
  return Array.from({ length: count }, () => {
    const lastSeqno = previousSeqno + randomInt(1, entriesMax + 1);
    const entries = randomBytes(randomInt(1, bytesMax + 1));
    const chunk = { view: 2, previousSeqno, lastSeqno, entries };
    previousSeqno = lastSeqno;
    return chunk;
  });
}

/** Appends with several in flight, in view 2. */
async function appendAll(
  store: { acquireLease(seqno: number): Promise<unknown>; append(chunk: Chunk): Promise<string> },
  chunks: Chunk[],
): Promise<Chunk[]> {
  await store.acquireLease(0);
  for (let index = 0; index < chunks.length; index += 50) {
    const answers = await Promise.all(
      chunks.slice(index, index + 50).map((chunk) => store.append(chunk)),
    );
    assert.ok(answers.every((answer) => answer === "appended"));
  }
  return chunks;
}
