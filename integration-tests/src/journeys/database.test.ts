// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { connectWritable, isAppError, withLogin } from "@consortium/kit";
import { app } from "@consortium/proto";
import { chooseAddresses, nodeConfig } from "../harness/consortium-config.js";
import { Consortium } from "../harness/consortium.js";
import { proposalRequest } from "../harness/governing.js";
import { ServiceProcess } from "../harness/service-process.js";
import { until } from "../harness/until.js";

/* The database goes away, comes back, and lies. */

let consortium: Consortium;

before(async () => {
  consortium = await Consortium.start();
});
after(() => consortium?.[Symbol.asyncDispose]());

const THRESHOLD = { name: "set_recovery_threshold", args: { recovery_threshold: 1 } };

suite("When the database is down", () => {
  test("calls are refused as unavailable, and succeed by themselves when it is back", async () => {
    using node = consortium.nodeClient();
    using governance = consortium.governanceClient();
    await put("before");
    const view = await currentView();
    await consortium.database.stop();

    await until("writes are refused", async () =>
      isUnavailable(await attempt(put("while", 2_000))),
    );
    await until("reads are refused", async () => isUnavailable(await attempt(get("before"))));
    const coseSign1 = proposalRequest(consortium.member, [THRESHOLD]);
    const proposal = governance.createProposal({ coseSign1 }, { deadlineMs: 2_000 });
    assert.ok(isUnavailable(await attempt(proposal)));
    // What needs no database is answered all the while.
    assert.equal((await node.getState({})).nodeId.length, 64);
    assert.equal((await governance.getServiceInfo({})).status, "Open");

    await consortium.database.resume();
    await until(
      "writes succeed",
      async () => !((await attempt(put("after", 2_000))) instanceof Error),
    );
    assert.equal(await get("before"), "before");
    assert.equal(await currentView(), view, "nobody else has led meanwhile");
    await consortium.decide(THRESHOLD);
  });

  test("a node does not start and says why, and starts when it is back", async () => {
    await consortium.node.stop();
    await consortium.database.stop();
    const program = await consortium.node.launch();
    const { code } = await program.exited;
    assert.equal(code, 1);
    assert.match(program.output, /DATABASE_UNAVAILABLE/);
    assert.match(program.output, /Start PostgreSQL, or correct the connection string/);
    await consortium.database.resume();
    await consortium.node.start();
    await put("at last");
  });
});

suite("A new node says what is wrong with its store", () => {
  const cases: [string, () => Promise<string>, RegExp][] = [
    [
      "a password that is wrong",
      () => Promise.resolve(withLogin(consortium.storeUrls.ledger, { password: "wrong" })),
      /DATABASE_LOGIN_REFUSED/,
    ],
    [
      "a database that is not there",
      () => Promise.resolve(withLogin(consortium.storeUrls.ledger, { database: "nowhere" })),
      /DATABASE_LOGIN_REFUSED/,
    ],
    ["a database without the schema", emptyDatabase, /SCHEMA_MISSING[^]*ccfctl store migrate/],
    [
      "a login that may only read",
      async () => (await consortium.database.addStore("read_only")).auditor,
      /STORE_ACCESS_DENIED/,
    ],
  ];
  for (const [index, [name, urlOf, message]] of cases.entries()) {
    test(name, async () => {
      const addresses = await chooseAddresses();
      const config = nodeConfig(addresses, consortium.members);
      const place = join(consortium.folder, `new-${index}`);
      const prepared = { config, storeUrl: await urlOf() };
      await using service = await ServiceProcess.prepare("node", place, prepared);
      const program = await service.launch();
      const { code } = await program.exited;
      assert.equal(code, 1, program.describe("ended"));
      assert.match(program.output, message);
    });
  }
});

suite("A store that lies", () => {
  test("a ledger that lost its end is refused, and served again when the end is back", async () => {
    await put("the end");
    await consortium.node.stop();
    await asOwner(
      "create table lost as select * from ledger.chunk order by first_seqno desc limit 2",
    );
    await asOwner(`delete from ledger.chunk where first_seqno in (select first_seqno from lost)`);
    await asOwner(`update ledger.head set last_seqno = (select min(first_seqno) - 1 from lost)`);
    const program = await consortium.node.launch();
    const { code } = await program.exited;
    assert.equal(code, 1);
    assert.match(program.output, /LEDGER_ROLLED_BACK/);
    assert.match(program.output, /restore the newest copy of the database/);
    await asOwner("insert into ledger.chunk select * from lost");
    await asOwner("update ledger.head set last_seqno = (select max(last_seqno) from lost)");
    await consortium.node.start();
    assert.equal(await get("the end"), "the end");
  });

  test("a ledger that is ahead of what the node remembers is verified and continued", async () => {
    const file = join(consortium.node.folder, "checkpoint.json");
    await consortium.node.stop();
    const old = await readFile(file);
    await consortium.node.start();
    await put("beyond");
    await consortium.node.stop();
    await writeFile(file, old);
    await consortium.node.start();
    assert.equal(await get("beyond"), "beyond");
  });

  test("a ledger with one changed bit is refused", async () => {
    await put("a record that somebody wants to be another");
    await consortium.node.stop();
    const change = (sign: string): string => `
      update ledger.chunk
      set entries = set_byte(entries, 60, get_byte(entries, 60) ${sign} 1)
      where first_seqno = (select max(first_seqno) from ledger.chunk where length(entries) > 500)`;
    await asOwner(change("#"));
    const program = await consortium.node.launch();
    const { code } = await program.exited;
    assert.notEqual(code, 0);
    assert.match(program.output, /FATAL ccf-node: the service failed\n +[A-Z_]+: /);
    await asOwner(change("#"));
    await consortium.node.start();
  });
});

async function put(text: string, deadlineMs = 10_000): Promise<string> {
  using client = consortium.kvClient();
  const options = {
    idempotencyKey: "",
    answerWhen: app.AnswerWhen.COMMITTED,
    claimsDigest: new Uint8Array(),
  };
  const record = { groupId: 0, map: "notes", key: Buffer.from(text), value: Buffer.from(text) };
  return (await client.put({ ...record, options }, { deadlineMs })).transactionId;
}

async function get(key: string): Promise<string> {
  using client = consortium.kvClient();
  const request = { groupId: 0, map: "notes", key: Buffer.from(key) };
  return Buffer.from((await client.get(request)).value).toString();
}

async function currentView(): Promise<string> {
  using node = consortium.nodeClient();
  const { transactionId } = await node.getCommit({ groupId: 0, viewHistory: false });
  return transactionId.split(".")[0] ?? "";
}

async function emptyDatabase(): Promise<string> {
  await asOwner("create database without_schema");
  return withLogin(consortium.storeUrls.ledger, { database: "without_schema" });
}

/** What only who owns the database can do, past its guards. */
async function asOwner(statement: string): Promise<void> {
  const client = await connectWritable({ url: consortium.database.adminUrl });
  try {
    await client.query("set session_replication_role = replica");
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function attempt<T>(call: Promise<T>): Promise<T | Error> {
  try {
    return await call;
  } catch (error) {
    return error as Error;
  }
}

function isUnavailable(outcome: unknown): boolean {
  return isAppError(outcome) && ["unavailable", "deadline_exceeded"].includes(outcome.category);
}
