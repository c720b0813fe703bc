// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { connectWritable, sqlState } from "@consortium/kit";
import { type GroupReader, openGroupReader } from "./group-reader.js";
import type { GroupStore } from "./group-store.js";
import { pruneSnapshots, type SnapshotFile } from "./snapshots.js";
import { FaultProxy, startTestDatabase, type TestDatabase } from "./testing/index.js";
import { chunkAfter, lead, openStore, withConnection } from "./testing/stores.js";

const DENIED = "42501";
const APPEND_ONLY = "LG004";
const NOT_ON_LEDGER = "LG006";
const NOT_WHOLE = "LG007";
const NO_SUCH_ROW = "23503";
const TAKEN = "23505";

function snapshotOf(seqno: number, sizes: readonly number[] = [1000, 7]): SnapshotFile {
  const parts = sizes.map((size) => randomBytes(size));
  const byteLength = sizes.reduce((sum, size) => sum + size, 0);
  return { seqno, evidenceSeqno: seqno + 1, parts, byteLength };
}

describe("snapshots in the store", () => {
  let database: TestDatabase;
  let store: GroupStore;
  let reader: GroupReader;
  before(async () => {
    database = await startTestDatabase();
    store = await openStore(database.urls.ledger);
    reader = await openGroupReader({ url: database.urls.governance, group: 0 });
    const view = await lead(store, 0);
    for (let seqno = 0; seqno < 40; seqno += 4) await store.append(chunkAfter(seqno, view, 4));
  });
  after(async () => {
    await reader.close();
    await store.close();
    await database.stop();
  });

  it("are none at first", async () => {
    assert.deepEqual(await reader.listSnapshots(), []);
    assert.equal(await reader.newestSnapshot(), undefined);
  });

  it("come back as they were put, the newest first", async () => {
    const older = snapshotOf(4);
    const newer = snapshotOf(8, [1, 2_000_000, 1_000_000, 3]);
    assert.equal(await store.putSnapshot(newer), "stored");
    assert.equal(await store.putSnapshot(older), "stored");
    const [first, second, ...others] = await reader.listSnapshots();
    assert.deepEqual(others, []);
    assert.ok(first && second);
    assert.deepEqual([first.seqno, second.seqno], [8, 4]);
    assert.deepEqual(await reader.newestSnapshot(), first);
    assert.deepEqual(await reader.listSnapshots(1), [first]);
    const { storedAt, ...facts } = first;
    assert.deepEqual(facts, { seqno: 8, evidenceSeqno: 9, byteLength: 3_000_004, partCount: 4 });
    assert.ok(Math.abs(storedAt.getTime() - Date.now()) < 60_000);
    assert.deepEqual(await reader.loadSnapshot(first), Buffer.concat(newer.parts));
    const parts: Buffer[] = [];
    for await (const part of reader.streamSnapshot(second)) parts.push(part);
    assert.deepEqual(parts, older.parts);
  });

  it("are put once", async () => {
    const snapshot = snapshotOf(12);
    assert.equal(await store.putSnapshot(snapshot), "stored");
    assert.equal(await store.putSnapshot(snapshotOf(12)), "present");
    const stored = await reader.newestSnapshot();
    assert.deepEqual(stored && (await reader.loadSnapshot(stored)), Buffer.concat(snapshot.parts));
  });

  it("are read no further than the reader wants", async () => {
    const stored = (await reader.newestSnapshot()) ?? assert.fail();
    await assert.rejects(reader.loadSnapshot(stored, { bytesMax: 1006 }), {
      code: "SNAPSHOT_TOO_LARGE",
    });
    await reader.loadSnapshot(stored, { bytesMax: 1007 });
    await assert.rejects(reader.loadSnapshot(stored, { signal: AbortSignal.abort() }), {
      name: "AbortError",
    });
  });

  it("are not believed when the row says something else than the parts", async () => {
    const stored = (await reader.newestSnapshot()) ?? assert.fail();
    for (const byteLength of [1006, 1008]) {
      await assert.rejects(reader.loadSnapshot({ ...stored, byteLength }), {
        code: "STORE_INCONSISTENT",
      });
    }
    await assert.rejects(reader.loadSnapshot({ ...stored, partCount: 3 }), {
      code: "SNAPSHOT_GONE",
    });
  });

  const invalid: [what: string, snapshot: SnapshotFile][] = [
    ["no parts", snapshotOf(16, [])],
    ["an empty part", snapshotOf(16, [5, 0])],
    ["a part that is too large", snapshotOf(16, [16 * 1024 * 1024 + 1])],
    ["another length than its parts", { ...snapshotOf(16), byteLength: 5 }],
    ["evidence that does not follow", { ...snapshotOf(16), evidenceSeqno: 16 }],
    ["no sensible seqno", snapshotOf(0)],
  ];
  for (const [what, snapshot] of invalid) {
    it(`are refused with ${what}`, async () => {
      await assert.rejects(store.putSnapshot(snapshot), { category: "invalid_argument" });
    });
  }

  it("are refused where no chunk ends, and before their evidence is on the ledger", async () => {
    for (const snapshot of [
      snapshotOf(15),
      snapshotOf(44),
      { ...snapshotOf(40), evidenceSeqno: 41 },
    ]) {
      await assert.rejects(store.putSnapshot(snapshot), { code: "STORE_INCONSISTENT" });
    }
    assert.equal((await reader.listSnapshots()).length, 3);
  });

  it("outlive a connection that breaks at any moment", async () => {
    await using proxy = await FaultProxy.start(database.urls.ledger);
    await using faulty = await openStore(proxy.url);
    for (const [seqno, passing] of [
      [16, 100],
      [20, 30_000],
      [24, 70_000],
    ] as const) {
      let left = passing;
      proxy.onRequest = (bytes) => {
        left -= bytes.length;
        if (left > 0) return undefined;
        proxy.onRequest = undefined;
        return bytes.length + left;
      };
      const snapshot = snapshotOf(seqno, [20_000, 20_000, 20_000]);
      // An answer that was lost with the commit is `present` the second time.
      assert.match(await faulty.putSnapshot(snapshot), /stored|present/);
      const stored = (await faulty.newestSnapshot()) ?? assert.fail();
      proxy.cut();
      assert.deepEqual(await faulty.loadSnapshot(stored), Buffer.concat(snapshot.parts));
    }
  });

  it("are settled when the answer to their commit is lost", async () => {
    await using proxy = await FaultProxy.start(database.urls.ledger);
    await using faulty = await openStore(proxy.url);
    proxy.onRequest = (bytes) => {
      if (!bytes.includes("commit")) return undefined;
      proxy.onRequest = undefined;
      return bytes.length;
    };
    assert.match(await faulty.putSnapshot(snapshotOf(28)), /stored|present/);
    assert.equal((await reader.newestSnapshot())?.seqno, 28);
  });

  describe("and what logins can do with them", () => {
    const row = (seqno: number, evidence = seqno + 1, bytes = 1, parts = 1): string =>
      `insert into ledger.snapshot values (0, ${seqno}, ${evidence}, ${bytes}, ${parts});`;
    const part = (seqno: number, index = 0): string =>
      `insert into ledger.snapshot_part values (0, ${seqno}, ${index}, 'x');`;

    for (const table of ["snapshot", "snapshot_part"]) {
      for (const [deed, statement] of [
        ["change", `update ledger.${table} set seqno = 9`],
        ["delete", `delete from ledger.${table}`],
        ["empty", `truncate ledger.${table} cascade`],
        ["unguard", `alter table ledger.${table} disable trigger all`],
        ["see all of", `alter table ledger.${table} disable row level security`],
      ] as const) {
        it(`no service can ${deed} ${table}`, async () => {
          for (const url of Object.values(database.urls)) {
            assert.equal(await stateOf(url, statement), DENIED);
          }
        });
      }
    }

    it("a reader cannot put one", async () => {
      for (const url of [database.urls.governance, database.urls.recovery, database.urls.auditor]) {
        assert.equal(await stateOf(url, row(32)), DENIED);
        assert.equal(await stateOf(url, part(4, 2)), DENIED);
      }
    });

    const refused: [what: string, statements: string, state: string][] = [
      ["a snapshot without its parts", row(32), NOT_WHOLE],
      ["a snapshot with too few bytes", row(32, 33, 2) + part(32), NOT_WHOLE],
      ["a snapshot with a part missing", row(32, 33, 2, 3) + part(32) + part(32, 1), NOT_WHOLE],
      ["a part that its snapshot does not have", row(32) + part(32) + part(32, 1), NOT_WHOLE],
      ["a part of a snapshot that is not there", part(32), NO_SUCH_ROW],
      ["one part more of a snapshot that is whole", part(4, 2), NOT_WHOLE],
      ["another part of a snapshot that is whole", part(4), TAKEN],
      ["another snapshot of the same seqno", row(4) + part(4), TAKEN],
      ["a snapshot from the middle of a chunk", row(33) + part(33), NOT_ON_LEDGER],
      ["a snapshot from after the head", row(44) + part(44), NOT_ON_LEDGER],
      ["a snapshot before its evidence", row(40, 41) + part(40), NOT_ON_LEDGER],
    ];
    for (const [what, statements, state] of refused) {
      it(`a writer cannot put ${what}`, async () => {
        const { ledger } = database.urls;
        assert.equal(await stateOf(ledger, `begin; ${statements} commit;`), state);
      });
    }

    it("a login neither sees nor puts those of another group", async () => {
      await withConnection(database.adminUrl, async (admin) => {
        await admin.query("insert into ledger.head (group_id) values (1)");
        await admin.query("insert into ledger.group_access values ($1, 1, true)", [
          database.roles.auditor,
        ]);
        await admin.query("delete from ledger.group_access where role_name = $1 and group_id = 0", [
          database.roles.auditor,
        ]);
      });
      await withConnection(database.urls.auditor, async (client) => {
        assert.equal((await client.query("select from ledger.snapshot")).rowCount, 0);
        assert.equal((await client.query("select from ledger.snapshot_part")).rowCount, 0);
      });
      const statement = "insert into ledger.snapshot values (1, 4, 5, 1, 1)";
      assert.equal(await stateOf(database.urls.ledger, statement), DENIED);
    });

    it("the owner deletes old ones and changes none", async () => {
      for (const table of ["snapshot", "snapshot_part"]) {
        const statement = `update ledger.${table} set seqno = 9`;
        assert.equal(await stateOf(database.adminUrl, statement), APPEND_ONLY);
      }
      const before = await reader.listSnapshots();
      const { adminUrl } = database;
      assert.equal(await pruneSnapshots({ adminUrl, group: 0, keep: 2 }), before.length - 2);
      assert.equal(await pruneSnapshots({ adminUrl, group: 0, keep: 2 }), 0);
      assert.deepEqual(await reader.listSnapshots(), before.slice(0, 2));
      await assert.rejects(reader.loadSnapshot(before[2] ?? assert.fail()), {
        code: "SNAPSHOT_GONE",
      });
      await assert.rejects(pruneSnapshots({ adminUrl, group: 0, keep: 0 }), {
        category: "invalid_argument",
      });
      await withConnection(adminUrl, async (client) => {
        const { rows } = await client.query("select distinct seqno from ledger.snapshot_part");
        assert.equal(rows.length, 2);
      });
    });
  });
});

/** The class of the error with which the database refuses; `undefined` if it does not. */
async function stateOf(url: string, statements: string): Promise<string | undefined> {
  const client = await connectWritable({ url });
  try {
    await client.query(statements);
    return undefined;
  } catch (error) {
    return sqlState(error) ?? String(error);
  } finally {
    await client.end();
  }
}
