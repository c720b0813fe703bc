// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Chunk } from "./append.js";
import { GroupStore } from "./group-store.js";
import { FaultProxy, startTestDatabase, type TestDatabase } from "./testing/index.js";
import {
  asStored,
  chunkAfter,
  collect,
  lead,
  NODE_A,
  NODE_B,
  openStore,
  until,
  withConnection,
} from "./testing/stores.js";

let database: TestDatabase;
let proxy: FaultProxy;
beforeEach(async () => {
  database = await startTestDatabase();
  proxy = await FaultProxy.start(database.urls.ledger);
});
afterEach(async () => {
  await proxy.close();
  await database.stop();
});

describe("an append whose answer is lost", () => {
  it("is found on the ledger when it happened", async () => {
    await using store = await openStore(proxy.url);
    const view = await lead(store, 0);
    const chunks = [chunkAfter(0, view), chunkAfter(1, view), chunkAfter(2, view)];
    // This makes the writer's connection.
    await store.renewLease(view);
    proxy.holdsAnswers = true;
    const answers = chunks.map((chunk) => store.append(chunk));
    await until(async () => (await headSeqno()) === 3);
    proxy.holdsAnswers = false;
    proxy.cut();
    assert.deepEqual(await Promise.all(answers), ["appended", "appended", "appended"]);
    assert.deepEqual(await collect(store.replay(1)), chunks.map(asStored));
  });

  it("is sent again when the request never arrived", async () => {
    await using store = await openStore(proxy.url);
    const view = await lead(store, 0);
    await store.renewLease(view);
    proxy.onRequest = () => 0;
    const answers = [store.append(chunkAfter(0, view)), store.append(chunkAfter(1, view))];
    await sleep(20);
    proxy.onRequest = undefined;
    assert.deepEqual(await Promise.all(answers), ["appended", "appended"]);
    assert.equal((await collect(store.replay(1))).length, 2);
  });

  it("is fenced when another process took the lead in the meantime", async () => {
    await using store = await openStore(proxy.url, undefined, 1);
    const view = await lead(store, 0);
    await store.append(chunkAfter(0, view));
    proxy.onRequest = () => 0;
    const answer = store.append(chunkAfter(1, view));
    await using young = await openStore(database.urls.ledger, NODE_B);
    await until(async () => (await young.readHead()).leaseRemainingMs === 0);
    const youngView = await lead(young, 1);
    assert.equal(await young.append(chunkAfter(1, youngView)), "appended");
    proxy.onRequest = undefined;
    assert.equal(await answer, "fenced");
  });

  it("counts as appended when another process took the lead after it", async () => {
    await using store = await openStore(proxy.url, undefined, 1);
    const view = await lead(store, 0);
    await store.renewLease(view);
    proxy.holdsAnswers = true;
    const answer = store.append(chunkAfter(0, view));
    await until(async () => (await headSeqno()) === 1);
    await using young = await openStore(database.urls.ledger, NODE_B);
    await until(async () => (await young.readHead()).leaseRemainingMs === 0);
    await young.append(chunkAfter(1, await lead(young, 1)));
    proxy.holdsAnswers = false;
    proxy.cut();
    assert.equal(await answer, "appended");
  });

  it("is not doubled when the old session carries it out late", async () => {
    await using store = await openStore(proxy.url);
    const view = await lead(store, 0);
    await store.renewLease(view);
    await withConnection(database.adminUrl, async (admin) => {
      // The old session waits for the head, loses its client, and gets the head before the new session.
      await admin.query("begin");
      await admin.query("select from ledger.head for update");
      const answers = [store.append(chunkAfter(0, view)), store.append(chunkAfter(1, view))];
      await until(() => waiting(1));
      proxy.cut();
      await until(() => waiting(2));
      await admin.query("commit");
      assert.deepEqual(await Promise.all(answers), ["appended", "appended"]);
    });
    assert.deepEqual(
      (await collect(store.replay(1))).map(({ firstSeqno }) => firstSeqno),
      [1, 2],
    );
  });

  it("gives no answer to a caller who stops waiting, and still happens", async () => {
    await using store = await openStore(proxy.url);
    const view = await lead(store, 0);
    await store.renewLease(view);
    proxy.holdsAnswers = true;
    const abort = new AbortController();
    const answer = store.append(chunkAfter(0, view), abort.signal);
    abort.abort(new Error("enough"));
    await assert.rejects(answer, { message: "enough" });
    await until(async () => (await headSeqno()) === 1);
    proxy.holdsAnswers = false;
    proxy.cut();
    assert.equal(await store.append(chunkAfter(1, view)), "appended");
  });

  it("is given up when the store is closed, and says that it may have happened", async () => {
    const store = await openStore(proxy.url);
    const view = await lead(store, 0);
    await store.renewLease(view);
    proxy.holdsAnswers = true;
    const answer = assert.rejects(store.append(chunkAfter(0, view)), { code: "STORE_CLOSED" });
    await store.close(50);
    await answer;
    await assert.rejects(store.append(chunkAfter(1, view)), { code: "STORE_CLOSED" });
  });
});

describe("a writer under fire", () => {
  it("loses and doubles nothing while connections are cut at random points", async () => {
    proxy.onRequest = (bytes) => (randomInt(40) === 0 ? randomInt(bytes.length + 1) : undefined);
    await writeThrough(1000, () => {
      // Answers that were held back never arrive, so the connection has to go with them.
      if (proxy.holdsAnswers || randomInt(3) === 0) proxy.cut();
      proxy.holdsAnswers = !proxy.holdsAnswers && randomInt(3) === 0;
    });
  });

  it("loses and doubles nothing while its sessions are terminated at random points", async () => {
    await withConnection(database.adminUrl, async (admin) => {
      await writeThrough(1500, () =>
        admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
          where usename = $1 and application_name = 'ledger-writer'`,
          [database.roles.ledger],
        ),
      );
    });
  });
});

/** Appends with three in flight and renewals in between, and compares with what is on the ledger. */
async function writeThrough(count: number, fire: () => unknown): Promise<void> {
  await using quiet = await openStore(database.urls.ledger);
  await using store = openThrough(quiet.instance);
  const view = await lead(quiet, 0);
  const written: Chunk[] = [];
  const peace = new AbortController();
  const shooting = shoot(peace.signal, fire);
  let previousSeqno = 0;
  let inFlight: Promise<string>[] = [];
  for (let index = 0; index < count; index++) {
    const lastSeqno = previousSeqno + randomInt(1, 4);
    const chunk = { view, previousSeqno, lastSeqno, entries: randomBytes(randomInt(1, 5000)) };
    previousSeqno = lastSeqno;
    written.push(chunk);
    inFlight.push(store.append(chunk));
    if (randomInt(5) === 0) assert.equal(await store.renewLease(view), "renewed");
    if (inFlight.length < 3) continue;
    assert.deepEqual(
      await Promise.all(inFlight),
      inFlight.map(() => "appended"),
    );
    inFlight = [];
  }
  await Promise.all(inFlight);
  peace.abort();
  await shooting;
  assert.deepEqual(await collect(quiet.replay(1)), written.map(asStored));
}

/** A store through the proxy with the identity of one beside it, so that opening it needs no luck. */
function openThrough(instance: string): GroupStore {
  return new GroupStore({ url: proxy.url, group: 0, holder: NODE_A, instance, leaseMs: 60_000 });
}

async function shoot(signal: AbortSignal, fire: () => unknown): Promise<void> {
  while (!signal.aborted) {
    await fire();
    await sleep(randomInt(1, 60));
  }
}

function headSeqno(): Promise<number> {
  return withConnection(database.adminUrl, async (admin) => {
    const { rows } = await admin.query<{ last_seqno: string }>(
      "select last_seqno from ledger.head",
    );
    return Number(rows[0]?.last_seqno);
  });
}

/** Whether so many sessions of the ledger's login wait for a lock. */
function waiting(count: number): Promise<boolean> {
  return withConnection(database.adminUrl, async (admin) => {
    const { rowCount } = await admin.query(
      "select from pg_stat_activity where usename = $1 and wait_event_type = 'Lock'",
      [database.roles.ledger],
    );
    return rowCount === count;
  });
}
