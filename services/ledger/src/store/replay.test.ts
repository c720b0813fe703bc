// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Chunk } from "./append.js";
import type { StoredChunk } from "./copy-parser.js";
import { openGroupReader } from "./group-reader.js";
import { FaultProxy, startTestDatabase, type TestDatabase } from "./testing/index.js";
import { asStored, collect, lead, openStore, until, withConnection } from "./testing/stores.js";

const CHUNKS = 60;

let database: TestDatabase;
let proxy: FaultProxy;
let written: Chunk[];
beforeEach(async () => {
  database = await startTestDatabase();
  proxy = await FaultProxy.start(database.urls.ledger);
  written = await write();
});
afterEach(async () => {
  await proxy.close();
  await database.stop();
});

describe("a replay", () => {
  it("goes on where it was when its connection is cut", async () => {
    await using reader = await openGroupReader({ url: proxy.url, group: 0 });
    const replayed: StoredChunk[] = [];
    for await (const chunk of reader.replay(1)) {
      replayed.push(chunk);
      if (randomInt(10) === 0) proxy.cut();
    }
    assert.deepEqual(replayed, written.map(asStored));
  });

  it("goes on where it was when its session is terminated", async () => {
    await using reader = await openGroupReader({ url: database.urls.auditor, group: 0 });
    const replayed: StoredChunk[] = [];
    for await (const chunk of reader.replay(1)) {
      replayed.push(chunk);
      if (replayed.length === 20) await terminate(database.roles.auditor);
    }
    assert.deepEqual(replayed, written.map(asStored));
  });

  it("ends its session when the reader has seen enough", async () => {
    await using reader = await openGroupReader({ url: database.urls.auditor, group: 0 });
    for await (const chunk of reader.replay(1)) {
      assert.equal(chunk.firstSeqno, 1);
      break;
    }
    await until(async () => (await sessions(database.roles.auditor)) === 0);
  });

  it("stops when it is aborted, also while it waits for the database", async () => {
    await using reader = await openGroupReader({ url: proxy.url, group: 0 });
    const abort = new AbortController();
    const replay = reader.replay(1, abort.signal);
    await replay.next();
    abort.abort(new Error("enough"));
    await assert.rejects(replay.next(), { message: "enough" });

    const waiting = new AbortController();
    proxy.onRequest = (bytes) => {
      if (!bytes.includes("copy (")) return undefined;
      proxy.holdsAnswers = true;
      setTimeout(() => waiting.abort(new Error("too long")), 20);
      return undefined;
    };
    await assert.rejects(reader.replay(1, waiting.signal).next(), { message: "too long" });
    await assert.rejects(reader.replay(1, waiting.signal).next(), { message: "too long" });
  });

  it("refuses a seqno that cannot be one", async () => {
    await using reader = await openGroupReader({ url: proxy.url, group: 0 });
    for (const seqno of [0, -1, 1.5, Number.NaN, 2 ** 53, "1; drop table x" as unknown as number]) {
      await assert.rejects(reader.replay(seqno).next(), { code: "CHUNK_INVALID" });
    }
  });

  it("sees a gap that the owner of the database made", async () => {
    await tamper(
      "delete from ledger.chunk where first_seqno = (select max(first_seqno) / 2 from ledger.chunk)",
    );
    await using reader = await openGroupReader({ url: proxy.url, group: 0 });
    await assert.rejects(collect(reader.replay(1)), { code: "STORE_INCONSISTENT" });
  });

  it("sees a view that goes back", async () => {
    await tamper("update ledger.chunk set view = 3 where first_seqno = 1");
    await using reader = await openGroupReader({ url: proxy.url, group: 0 });
    await assert.rejects(collect(reader.replay(1)), { code: "STORE_INCONSISTENT" });
  });

  it("does not begin at another place than asked", async () => {
    await tamper("delete from ledger.chunk where first_seqno = 1");
    await using reader = await openGroupReader({ url: proxy.url, group: 0 });
    await assert.rejects(reader.replay(1).next(), { code: "STORE_INCONSISTENT" });
  });
});

describe("a store that is behind", () => {
  it("does not give the lead to a node that has seen more", async () => {
    const seen = written.at(-1)?.lastSeqno ?? 0;
    await tamper(
      "delete from ledger.chunk where first_seqno = (select max(first_seqno) from ledger.chunk)",
    );
    await withConnection(database.adminUrl, async (admin) => {
      await admin.query("alter table ledger.head disable trigger all");
      await admin.query(
        "update ledger.head set last_seqno = (select max(last_seqno) from ledger.chunk)",
      );
      await admin.query("alter table ledger.head enable trigger all");
    });
    await using store = await openStore(database.urls.ledger);
    assert.equal((await store.acquireLease(seen)).outcome, "behind");
  });
});

async function write(): Promise<Chunk[]> {
  await using store = await openStore(database.urls.ledger);
  const view = await lead(store, 0);
  const chunks: Chunk[] = [];
  for (let index = 0; index < CHUNKS; index++) {
    const previousSeqno = index * 2;
    const entries = randomBytes(randomInt(1, 200_000));
    chunks.push({ view, previousSeqno, lastSeqno: previousSeqno + 2, entries });
  }
  await Promise.all(chunks.map((chunk) => store.append(chunk)));
  await store.releaseLease(view);
  return chunks;
}

/** What the owner of the database can do, and the services cannot. */
async function tamper(statement: string): Promise<void> {
  await withConnection(database.adminUrl, async (admin) => {
    await admin.query("alter table ledger.chunk disable trigger all");
    assert.equal((await admin.query(statement)).rowCount, 1);
    await admin.query("alter table ledger.chunk enable trigger all");
  });
}

async function terminate(role: string): Promise<void> {
  await withConnection(database.adminUrl, (admin) =>
    admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [
      role,
    ]),
  );
}

/** How many sessions replay for a login. */
function sessions(role: string): Promise<number> {
  return withConnection(database.adminUrl, async (admin) => {
    const { rowCount } = await admin.query(
      "select from pg_stat_activity where usename = $1 and application_name = 'ledger-replay'",
      [role],
    );
    return rowCount ?? 0;
  });
}
