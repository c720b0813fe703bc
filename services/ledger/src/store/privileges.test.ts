// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sqlState } from "@consortium/kit";
import { openGroupReader } from "./group-reader.js";
import { openGroupStore } from "./group-store.js";
import { ensureServiceRoles, revokeGroup } from "./roles.js";
import { startTestDatabase, type TestDatabase } from "./testing/index.js";
import { chunkAfter, collect, lead, NODE_B, openStore, withConnection } from "./testing/stores.js";

const DENIED = "42501";
const HEAD_MOVES_BACK = "LG001";
const HEAD_WITHOUT_CHUNK = "LG002";
const CHUNK_WITHOUT_HEAD = "LG003";
const CHUNK_OUT_OF_PLACE = "LG005";
const APPEND_ONLY = "LG004";

describe("what database logins can do", () => {
  let database: TestDatabase;
  let urls: Record<"other", string>;
  before(async () => {
    database = await startTestDatabase();
    urls = await ensureServiceRoles(database.adminUrl, {
      other: { role: `${database.roles.ledger}_1`, access: "write", groups: [1] },
    });
    await using store = await openStore(database.urls.ledger);
    const view = await lead(store, 0);
    await store.append(chunkAfter(0, view));
    await store.append(chunkAfter(1, view, 4));
  });
  after(async () => {
    await withConnection(database.adminUrl, async (admin) => {
      await admin.query("delete from ledger.group_access");
      await admin.query(`drop owned by ${database.roles.ledger}_1`);
    });
    await database.stop();
  });

  const statements: Record<string, string> = {
    "change a chunk": "update ledger.chunk set entries = 'x'",
    "delete a chunk": "delete from ledger.chunk",
    "empty the ledger": "truncate ledger.chunk",
    "delete the head": "delete from ledger.head",
    "make a head": "insert into ledger.head (group_id) values (9)",
    "move a head to another group": "update ledger.head set group_id = 9",
    "give itself a group": "insert into ledger.group_access values (current_user, 9, true)",
    "give itself the right to write": "update ledger.group_access set can_write = true",
    "drop a guard": "drop trigger guard_head on ledger.head",
    "switch a guard off": "alter table ledger.chunk disable trigger all",
    "replace a guard":
      "create or replace function ledger.guard_head() returns trigger language sql as 'select 1'",
    "switch row security off": "alter table ledger.chunk disable row level security",
    "make a table beside the ledger": "create table ledger.mine (a int)",
    "forge a migration": "insert into ledger.migration values (2, 'x', 'y')",
    "become another login": "set session authorization postgres",
  };
  for (const [deed, statement] of Object.entries(statements)) {
    it(`no service can ${deed}`, async () => {
      for (const url of Object.values(database.urls)) {
        assert.equal(await stateOf(url, statement), DENIED);
      }
    });
  }

  it("a reader can neither append nor lead", async () => {
    for (const url of [database.urls.governance, database.urls.recovery, database.urls.auditor]) {
      assert.equal(await stateOf(url, INSERT_CHUNK), DENIED);
      assert.equal(await stateOf(url, "update ledger.head set view = 9"), DENIED);
    }
  });

  it("a writer cannot move the head back, or on without its chunk", async () => {
    const { ledger } = database.urls;
    assert.equal(await stateOf(ledger, "update ledger.head set view = view - 1"), HEAD_MOVES_BACK);
    assert.equal(await stateOf(ledger, "update ledger.head set last_seqno = 1"), HEAD_MOVES_BACK);
    assert.equal(
      await stateOf(ledger, "update ledger.head set last_seqno = 6"),
      HEAD_WITHOUT_CHUNK,
    );
  });

  it("a writer cannot put a chunk where the head does not go", async () => {
    const { ledger } = database.urls;
    assert.equal(await stateOf(ledger, INSERT_CHUNK), CHUNK_WITHOUT_HEAD);
    // Beside one that is there, which ends where the head is.
    assert.equal(await stateOf(ledger, chunkRow(5, 5, 2)), CHUNK_OUT_OF_PLACE);
  });

  it("a login neither sees nor changes a group that is not its own", async () => {
    await withConnection(urls.other, async (client) => {
      assert.equal((await client.query("select from ledger.chunk")).rowCount, 0);
      assert.deepEqual((await client.query("select group_id from ledger.head")).rows, [
        { group_id: 1 },
      ]);
      assert.deepEqual((await client.query("select group_id from ledger.group_access")).rows, [
        { group_id: 1 },
      ]);
      const { rowCount } = await client.query(
        "update ledger.head set view = 99 where group_id = 0",
      );
      assert.equal(rowCount, 0);
    });
    assert.equal(await stateOf(urls.other, INSERT_CHUNK), DENIED);
    await assert.rejects(openGroupReader({ url: urls.other, group: 0 }), {
      code: "GROUP_NOT_VISIBLE",
    });
  });

  it("groups have ledgers of their own", async () => {
    await using store = await openGroupStore({
      url: urls.other,
      group: 1,
      holder: NODE_B,
      leaseMs: 1000,
    });
    const lease = await store.acquireLease(0);
    assert.equal(lease.outcome, "acquired");
    assert.equal(await store.append(chunkAfter(0, 2, 1, "group 1")), "appended");
    assert.equal((await collect(store.replay(1))).length, 1);
    await using main = await openStore(database.urls.ledger);
    assert.equal((await collect(main.replay(1))).length, 2);
  });

  it("a group can be taken away again", async () => {
    await using reader = await openGroupReader({ url: database.urls.auditor, group: 0 });
    await revokeGroup(database.adminUrl, database.roles.auditor, 0);
    await assert.rejects(reader.readHead(), { code: "GROUP_NOT_VISIBLE" });
    assert.deepEqual(await collect(reader.replay(1)), []);
  });

  it("the owner changes history only on purpose", async () => {
    for (const statement of [
      "delete from ledger.chunk",
      "truncate ledger.chunk",
      "delete from ledger.head",
    ]) {
      assert.equal(await stateOf(database.adminUrl, statement), APPEND_ONLY);
    }
    assert.equal(
      await stateOf(database.adminUrl, "update ledger.head set last_seqno = 0"),
      HEAD_MOVES_BACK,
    );
  });

  it("a role's password is what was asked for, and never in a statement", async () => {
    const password = "p@ss w:rd/?#'\"\\";
    const again = await ensureServiceRoles(database.adminUrl, {
      recovery: { role: database.roles.recovery, access: "read", groups: [0], password },
    });
    await using reader = await openGroupReader({ url: again.recovery, group: 0 });
    assert.equal((await reader.readHead()).lastSeqno, 5);
    await assert.rejects(openGroupReader({ url: database.urls.recovery, group: 0 }), {
      code: "DATABASE_LOGIN_REFUSED",
    });
  });
});

const INSERT_CHUNK = chunkRow(6, 6, 2);

function chunkRow(firstSeqno: number, lastSeqno: number, view: number): string {
  return `insert into ledger.chunk values (0, ${firstSeqno}, ${lastSeqno}, ${view}, 'x')`;
}

/** The class of the error with which the database refuses; `undefined` if it does not. */
function stateOf(url: string, statement: string): Promise<string | undefined> {
  return withConnection(url, (client) =>
    client.query(statement).then(
      () => undefined,
      (error: unknown) => sqlState(error) ?? String(error),
    ),
  );
}
