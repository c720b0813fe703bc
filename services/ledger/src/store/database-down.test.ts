// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@consortium/kit";
import { migrate } from "./migrate.js";
import { defaultRoles, ensureServiceRoles } from "./roles.js";
import { asStored, chunkAfter, collect, lead, openStore, until } from "./testing/stores.js";

describe("a database that goes away", () => {
  let dataDirectory: string;
  let postgres: EmbeddedPostgres;
  let url: string;
  beforeEach(async () => {
    dataDirectory = await mkdtemp(path.join(tmpdir(), "ledger-down-"));
    postgres = await startEmbeddedPostgres({ dataDirectory });
    await migrate({ adminUrl: postgres.adminUrl });
    ({ ledger: url } = await ensureServiceRoles(postgres.adminUrl, defaultRoles()));
  });
  afterEach(async () => {
    await postgres.stop();
    await rm(dataDirectory, { recursive: true });
  });

  for (const [how, signal] of Object.entries({ stops: "SIGINT", crashes: "SIGKILL" } as const)) {
    it(`and ${how} while appends are under way loses none of them`, async () => {
      await using store = await openStore(url);
      const view = await lead(store, 0);
      const chunks = Array.from({ length: 60 }, (_, index) => chunkAfter(index, view));
      const answers = chunks.map((chunk) => store.append(chunk));
      await Promise.race(answers);
      process.kill(postgres.pid, signal);
      // What is answered in the meantime is on the disk, what is not waits for the database.
      await until(() => !isAlive(postgres.pid));
      const whileDown = store.append(chunkAfter(60, view));
      await assert.rejects(store.readHead(), { code: "DATABASE_UNAVAILABLE" });
      postgres = await startEmbeddedPostgres({ dataDirectory });
      assert.ok((await Promise.all(answers)).every((answer) => answer === "appended"));
      assert.equal(await whileDown, "appended");
      const expected = [...chunks, chunkAfter(60, view)].map(asStored);
      assert.deepEqual(await collect(store.replay(1)), expected);
    });
  }

  it("and comes back is not noticed by who reads now and then", async () => {
    await using store = await openStore(url);
    await store.readHead();
    await postgres.stop();
    postgres = await startEmbeddedPostgres({ dataDirectory });
    assert.equal((await store.readHead()).lastSeqno, 0);
  });

  it("is reported by a store that is opened", async () => {
    await postgres.stop();
    await assert.rejects(openStore(url), { code: "DATABASE_UNAVAILABLE" });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
