// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AppError, isAppError } from "@consortium/kit";
import {
  iterateEntries,
  LedgerVerifier,
  openGroupReader,
  verifyCoseReceipt,
  verifyReceipt,
} from "@consortium/ledger";
import { app, node } from "@consortium/proto";
import { startNode } from "./start-node.js";
import { createTestUser, TestNode } from "./testing/test-node.js";
import { pino } from "pino";

const bytes = (text: string) => Buffer.from(text);
const OPTIONS: app.WriteOptions = {
  idempotencyKey: "",
  answerWhen: app.AnswerWhen.COMMITTED,
  claimsDigest: new Uint8Array(),
};
const put = (map: string, key: string, value: string, options = OPTIONS): app.PutRequest => ({
  groupId: 0,
  map,
  key: bytes(key),
  value: bytes(value),
  options,
});
const get = (map: string, key: string): app.GetRequest => ({ groupId: 0, map, key: bytes(key) });
const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, expected);
  return true;
};

describe("a node that serves", () => {
  const alice = createTestUser("alice");
  const expired = createTestUser("expired", { validFrom: new Date(Date.now() - 3 * 86_400_000) });
  let test: TestNode;
  before(async () => {
    test = await TestNode.start();
    await test.open([alice, expired]);
  });
  after(() => test[Symbol.asyncDispose]());

  it("reads back what a user wrote, public and private", async () => {
    using kv = test.kv(alice);
    await kv.put(put("public:notices", "a", "for everyone"));
    await kv.put(put("records", "a", "for us"));
    assert.deepEqual((await kv.get(get("public:notices", "a"))).value, bytes("for everyone"));
    assert.deepEqual((await kv.get(get("records", "a"))).value, bytes("for us"));
  });

  it("takes a byte order mark in a map's name as part of it", async () => {
    using kv = test.kv(alice);
    const name = "\uFEFFpublic:ccf.gov.users.info";
    await kv.put(put(name, "a", "mine"));
    assert.deepEqual((await kv.get(get(name, "a"))).value, bytes("mine"));
    await using reader = await openGroupReader({ url: test.database.urls.auditor, group: 0 });
    for await (const { entries } of reader.replay(1)) {
      for (const { publicWrites } of iterateEntries(entries)) assert.ok(!publicWrites.has(name));
    }
  });

  it("keeps private data out of the store in plain text", async () => {
    using kv = test.kv(alice);
    await kv.put(put("records", "secret-key", "secret-value"));
    await kv.put(put("public:records", "open-key", "open-value"));
    await using reader = await openGroupReader({ url: test.database.urls.auditor, group: 0 });
    const chunks: Buffer[] = [];
    for await (const { entries } of reader.replay(1)) chunks.push(entries);
    const ledger = Buffer.concat(chunks);
    assert.ok(ledger.includes("open-value"));
    assert.ok(!ledger.includes("secret-value"));
    assert.ok(!ledger.includes("secret-key"));
  });

  it("refuses callers that are not users, or not today", async () => {
    using nobody = test.kv();
    await assert.rejects(nobody.get(get("records", "a")), code("INVALID_AUTHENTICATION"));
    using mallory = test.kv(createTestUser("mallory"));
    await assert.rejects(mallory.put(put("records", "a", "b")), code("INVALID_AUTHENTICATION"));
    using late = test.kv(expired);
    await assert.rejects(late.get(get("records", "a")), code("INVALID_AUTHENTICATION"));
  });

  const refused: [string, app.PutRequest, string][] = [
    ["a governance table", put("public:ccf.gov.users.certs", "a", "b"), "MAP_RESERVED"],
    ["an internal private table", put("ccf.internal.idempotency_keys", "a", "b"), "MAP_RESERVED"],
    ["an unknown table of the service", put("public:ccf.other", "a", "b"), "MAP_RESERVED"],
    ["no map", put("", "a", "b"), "MAP_NAME_INVALID"],
    ["no key", put("records", "", "b"), "INVALID_ARGUMENT"],
    ["a huge key", put("records", "k".repeat(5000), "b"), "INVALID_ARGUMENT"],
    ["another group", { ...put("records", "a", "b"), groupId: 7 }, "GROUP_NOT_FOUND"],
    [
      "half a claims digest",
      put("records", "a", "b", { ...OPTIONS, claimsDigest: new Uint8Array(16) }),
      "INVALID_ARGUMENT",
    ],
  ];
  for (const [what, request, expected] of refused) {
    it(`refuses a write with ${what}, and changes nothing`, async () => {
      using kv = test.kv(alice);
      using status = test.node();
      const before = await status.getCommit({ groupId: 0, viewHistory: false });
      await assert.rejects(kv.put(request), code(expected));
      assert.deepEqual(await status.getCommit({ groupId: 0, viewHistory: false }), before);
    });
  }

  it("refuses a message above the limit and goes on", async () => {
    using kv = test.kv(alice);
    const huge = { ...put("records", "huge", ""), value: Buffer.alloc(5 * 1024 * 1024) };
    await assert.rejects(kv.put(huge), (error) => isAppError(error));
    await kv.put(put("records", "small", "fits"));
  });

  it("answers KEY_NOT_FOUND for a key that was never written or was deleted", async () => {
    using kv = test.kv(alice);
    await assert.rejects(kv.get(get("records", "never")), code("KEY_NOT_FOUND"));
    await kv.put(put("records", "gone", "x"));
    await kv.delete({ groupId: 0, map: "records", key: bytes("gone"), options: OPTIONS });
    await assert.rejects(kv.get(get("records", "gone")), code("KEY_NOT_FOUND"));
  });

  it("pages through a map in bytewise order", async () => {
    using kv = test.kv(alice);
    for (const key of ["b", "a", "é", "c"]) await kv.put(put("paged", key, key));
    const keys: string[] = [];
    let pageToken = "";
    do {
      const page: app.RangeResponse = await kv.range({
        groupId: 0,
        map: "paged",
        start: new Uint8Array(),
        end: new Uint8Array(),
        pageSize: 3,
        pageToken,
        keysOnly: false,
      });
      keys.push(...page.entries.map(({ key }) => Buffer.from(key).toString()));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(keys, ["a", "b", "c", "é"]);
  });

  it("compares and swaps once among many at the same time", async () => {
    using kv = test.kv(alice);
    const attempt = (value: string) =>
      kv.txn({
        groupId: 0,
        compares: [
          { map: "locks", key: bytes("lock"), condition: { $case: "exists", value: false } },
        ],
        success: [
          {
            operation: {
              $case: "put",
              value: { map: "locks", key: bytes("lock"), value: bytes(value) },
            },
          },
        ],
        failure: [{ operation: { $case: "get", value: { map: "locks", key: bytes("lock") } } }],
        options: OPTIONS,
      });
    const answers = await Promise.all(["a", "b", "c", "d"].map(attempt));
    assert.equal(answers.filter(({ succeeded }) => succeeded).length, 1);
  });

  it("answers a repeated request like the first, and refuses the key for another", async () => {
    using kv = test.kv(alice);
    const options = { ...OPTIONS, idempotencyKey: "transfer-1" };
    const first = await kv.put(put("accounts", "a", "10", options));
    const again = await kv.put(put("accounts", "a", "10", options));
    assert.deepEqual(again, first);
    await assert.rejects(
      kv.put(put("accounts", "a", "11", options)),
      code("IDEMPOTENCY_KEY_REUSED"),
    );
  });

  it("streams writes and answers each message with its seqnos", async () => {
    using kv = test.kv(alice);
    const call = kv.writeStream();
    const operation = (index: number): app.Operation => ({
      operation: {
        $case: "put",
        value: { map: "streamed", key: bytes(`k${index}`), value: bytes("v") },
      },
    });
    for (let message = 0; message < 20; message += 1) {
      const operations = Array.from({ length: 50 }, (_, index) => operation(message * 50 + index));
      await call.write({ groupId: 0, operations, options: undefined });
    }
    call.end();
    let expected = 0n;
    for await (const { firstSeqno, count } of call.responses) {
      assert.equal(count, 50);
      assert.ok(firstSeqno >= expected);
      expected = firstSeqno + 50n;
    }
    assert.deepEqual((await kv.get(get("streamed", "k999"))).value, bytes("v"));
  });

  it("refuses a whole message of a stream for one bad operation", async () => {
    using kv = test.kv(alice);
    const call = kv.writeStream();
    const good: app.Operation = {
      operation: { $case: "put", value: { map: "s2", key: bytes("k"), value: bytes("v") } },
    };
    const bad: app.Operation = {
      operation: {
        $case: "put",
        value: { map: "public:ccf.gov.x", key: bytes("k"), value: bytes("v") },
      },
    };
    await call.write({ groupId: 0, operations: [good, bad], options: undefined });
    await assert.rejects(async () => {
      for await (const _ of call.responses);
    }, code("MAP_RESERVED"));
    await assert.rejects(kv.get(get("s2", "k")), code("KEY_NOT_FOUND"));
  });

  it("gives receipts that verify offline, with the caller's claims", async () => {
    using kv = test.kv(alice);
    const claimsDigest = Buffer.alloc(32, 7);
    const { transactionId } = await kv.put(
      put("records", "proven", "x", { ...OPTIONS, claimsDigest }),
    );
    using status = test.node();
    const receipt = await status.getReceipt({ groupId: 0, transactionId });
    const serviceCert = test.handle.serviceCertificate;
    const verified = verifyReceipt(JSON.parse(receipt.receiptJson), serviceCert, { claimsDigest });
    assert.equal(verified.transactionId, transactionId);
    verifyCoseReceipt(receipt.receiptCose, serviceCert, { claimsDigest });
  });

  it("tells what is known of a transaction", async () => {
    using kv = test.kv(alice);
    using status = test.node();
    const { transactionId } = await kv.put(put("records", "status", "x"));
    const ask = async (id: string) =>
      (await status.getTransactionStatus({ groupId: 0, transactionId: id })).status;
    assert.equal(await ask(transactionId), node.TransactionStatus.COMMITTED);
    assert.equal(
      await ask(`9.${transactionId.split(".")[1] ?? ""}`),
      node.TransactionStatus.INVALID,
    );
    assert.equal(await ask("2.99999999"), node.TransactionStatus.UNKNOWN);
    assert.equal(await ask("1.99999999"), node.TransactionStatus.INVALID);
    for (const bad of ["", "2", "2.x", "-1.2", "2.1.3", "02.1"]) {
      await assert.rejects(ask(bad), code("INVALID_TRANSACTION_ID"));
    }
    await assert.rejects(
      status.getReceipt({ groupId: 0, transactionId: "2.99999999" }),
      code("TRANSACTION_PENDING_OR_UNKNOWN"),
    );
  });

  it("writes a ledger that verifies from its first entry to its last", async () => {
    await using reader = await openGroupReader({ url: test.database.urls.auditor, group: 0 });
    const verifier = new LedgerVerifier();
    let last = 0;
    for await (const { entries, lastSeqno } of reader.replay(1)) {
      verifier.feed(entries);
      last = lastSeqno;
    }
    assert.equal(verifier.lastSignature?.seqno, last);
  });
});

describe("a node before the service is open", () => {
  it("answers SERVICE_NOT_OPEN to users, and everyone else about itself", async () => {
    await using test = await TestNode.start();
    using kv = test.kv(createTestUser("early"));
    await assert.rejects(kv.get(get("records", "a")), code("SERVICE_NOT_OPEN"));
    using status = test.node();
    const state = await status.getState({});
    assert.equal(state.state, node.NodeState.PART_OF_NETWORK);
    assert.equal((await status.getNetwork({})).serviceCertificate, test.handle.serviceCertificate);
  });
});

describe("a node that is started again", () => {
  const user = createTestUser("user");

  it("has everything it acknowledged, in a new view", async () => {
    await using test = await TestNode.start();
    await test.open([user]);
    {
      using kv = test.kv(user);
      const options = { ...OPTIONS, idempotencyKey: "once" };
      await kv.put(put("records", "a", "before", options));
    }
    await test.stop();
    await test.resume();
    using kv = test.kv(user);
    assert.deepEqual((await kv.get(get("records", "a"))).value, bytes("before"));
    const options = { ...OPTIONS, idempotencyKey: "once" };
    const again = await kv.put(put("records", "a", "before", options));
    assert.match(again.transactionId, /^2\./);
    const next = await kv.put(put("records", "a", "after"));
    assert.match(next.transactionId, /^3\./);
  });

  it("refuses a store that lost what it has seen", async () => {
    await using test = await TestNode.start();
    await test.stop();
    const path = join(test.folder, "checkpoint.json");
    const checkpoint = JSON.parse(await readFile(path, "utf8")) as { seqno: number };
    await writeFile(path, JSON.stringify({ ...checkpoint, seqno: checkpoint.seqno + 10 }));
    await assert.rejects(test.resume(), code("LEDGER_ROLLED_BACK"));
  });

  it("refuses a store with another history than it has seen", async () => {
    await using test = await TestNode.start();
    await test.stop();
    const path = join(test.folder, "checkpoint.json");
    const checkpoint = JSON.parse(await readFile(path, "utf8")) as { root: string };
    await writeFile(path, JSON.stringify({ ...checkpoint, root: "0".repeat(64) }));
    await assert.rejects(test.resume(), code("LEDGER_ROLLED_BACK"));
  });

  it("does not take over a ledger that it did not start", async () => {
    await using test = await TestNode.start();
    await test.stop();
    await rm(join(test.folder, "checkpoint.json"));
    await assert.rejects(test.resume(), code("LEDGER_NOT_EMPTY"));
  });

  it("does not run twice with one identity", async () => {
    await using test = await TestNode.start();
    const text = await readFile(join(test.folder, "node.json"), "utf8");
    const twin = JSON.parse(text) as Record<string, unknown>;
    twin["output_files"] = { pid_file: "twin.pid", checkpoint_file: "twin.json" };
    await writeFile(
      join(test.folder, "twin.json"),
      await readFile(join(test.folder, "checkpoint.json")),
    );
    await writeFile(join(test.folder, "twin-node.json"), JSON.stringify(twin));
    await assert.rejects(
      startNode(join(test.folder, "twin-node.json"), { log: pino({ level: "silent" }) }),
      code("NODE_ALREADY_RUNNING"),
    );
  });
});
