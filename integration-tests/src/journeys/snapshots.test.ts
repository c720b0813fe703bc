// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { join } from "node:path";
import { connectWritable } from "@consortium/kit";
import { openGroupReader, type StoredSnapshot, verifyReceipt } from "@consortium/ledger";
import { app, node } from "@consortium/proto";
import { Ccfctl } from "../harness/ccfctl.js";
import { Cluster, type ClusterNode } from "../harness/cluster.js";
import { until } from "../harness/until.js";

/* A primary takes snapshots; who comes later, or back, begins with one. */

const TX_COUNT = 60;
const WRITES = 100;

suite("Snapshots", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let ccfctl: Ccfctl;
  let firstId = "";
  before(async () => {
    cluster = await Cluster.start({ node: { snapshots: { tx_count: TX_COUNT } } });
    const { storeUrls, database } = cluster.consortium;
    const env = {
      CCFCTL_DATABASE_URL: storeUrls.auditor,
      CCFCTL_ADMIN_URL: database.adminUrl,
    };
    ccfctl = new Ccfctl({ cwd: cluster.consortium.folder, env });
  });
  after(() => cluster[Symbol.asyncDispose]());

  test("a primary takes one when enough was written", async () => {
    for (let index = 0; index < WRITES; index += 1) {
      const id = await put(cluster.node(0), index, `first ${index}`);
      if (index === 0) firstId = id;
    }
    await until("there is a snapshot", async () => (await snapshots()).length > 0);
  });

  test("nodes that join begin with it, and have what was written before", async () => {
    const [newest] = await snapshots();
    for (const joiner of [await cluster.prepareNode(), await cluster.prepareNode()]) {
      await cluster.join(joiner);
      assert.ok((await startupSeqno(joiner)) >= (newest?.seqno ?? Infinity));
      assert.match(joiner.process.program.output, /started from a snapshot/);
      await assertReads(joiner, "first");
    }
    assert.equal(await startupSeqno(cluster.node(0)), 0);
  });

  test("a node that began with one knows of the transactions before it", async () => {
    using client = cluster.nodeClient(cluster.node(1));
    const { status } = await client.getTransactionStatus({ groupId: 0, transactionId: firstId });
    assert.equal(status, node.TransactionStatus.COMMITTED);
    const { receiptJson } = await client.getReceipt({ groupId: 0, transactionId: firstId });
    verifyReceipt(JSON.parse(receiptJson), cluster.consortium.serviceCertificate);
    const transactionId = `9.${firstId.split(".")[1]}`;
    const other = await client.getTransactionStatus({ groupId: 0, transactionId });
    assert.equal(other.status, node.TransactionStatus.INVALID);
  });

  test("one that began with it leads, and takes the next", async () => {
    const [before] = await snapshots();
    await cluster.node(0).process.kill();
    const primary = await cluster.primary();
    assert.notEqual(primary, cluster.node(0));
    for (let index = 0; index < WRITES; index += 1) await put(primary, index, `second ${index}`);
    await assertReads(primary, "second");
    await until("there is a newer snapshot", async () => {
      return ((await snapshots())[0]?.seqno ?? 0) > (before?.seqno ?? 0) + TX_COUNT / 2;
    });
  });

  test("one that comes back begins with one that it could have known", async () => {
    const first = cluster.node(0);
    await first.process.start();
    // What it remembers is older than the newest snapshot, and must still come by.
    const seqno = await startupSeqno(first);
    const stored = await snapshots();
    assert.ok(stored.some((one) => one.seqno === seqno));
    assert.ok(seqno < (stored[0]?.seqno ?? 0));
    await assertReads(first, "second");
  });

  test("members have one taken", async () => {
    const seen = (await snapshots())[0]?.seqno ?? 0;
    const { members, addresses, serviceCertificateFile } = cluster.consortium;
    const reach = ["--address", addresses.governance.rpc, "--cacert", serviceCertificateFile];
    const as = (index: number): string[] => {
      const member = members[index];
      return ["--key", member?.keyFile ?? "", "--cert", member?.certificateFile ?? "", "--yes"];
    };
    const propose = ["propose", "snapshot", "create", ...reach, ...as(0)];
    const { proposalId } = await ccfctl.json<{ proposalId: string }>(...propose);
    for (const index of [0, 1]) {
      await ccfctl.text("proposal", "vote", proposalId, ...reach, ...as(index));
    }
    await until("there is one more", async () => ((await snapshots())[0]?.seqno ?? 0) > seen);
  });

  test("an operator deletes the old ones", async () => {
    const [newest] = await snapshots();
    const prune = ["store", "prune", "--keep", "1", "--yes"];
    const { deleted } = await ccfctl.json<{ deleted: number }>(...prune);
    assert.ok(deleted > 0);
    assert.deepEqual(await snapshots(), [newest]);
  });

  test("governance begins with it", async () => {
    const { governance } = cluster.consortium;
    await governance.stop();
    await governance.start();
    assert.match(governance.program.output, /started from a snapshot/);
    await cluster.consortium.decide({ name: "trigger_ledger_chunk" });
  });

  test("the exported ledger verifies", async () => {
    const directory = join(cluster.consortium.folder, "export");
    await ccfctl.json("ledger", "export", directory);
    const service = ["--service-cert", cluster.consortium.serviceCertificateFile];
    const verify = ["ledger", "verify", directory, ...service];
    const result = await ccfctl.json<{ verified: boolean; unsignedTransactions: string }>(
      ...verify,
    );
    assert.equal(result.verified, true);
    assert.equal(result.unsignedTransactions, "0");
  });

  test("a snapshot with one changed bit is refused, and the ledger is read instead", async () => {
    await asOwner(`
      update ledger.snapshot_part
      set bytes = set_byte(bytes, length(bytes) / 2, get_byte(bytes, length(bytes) / 2) # 1)
      where part_index = 0`);
    const backup = cluster.node(2);
    await backup.process.stop();
    await backup.process.start();
    assert.match(backup.process.program.output, /WARN .*a snapshot in the store cannot be used/);
    assert.equal(await startupSeqno(backup), 0);
    // Also what was encrypted before the node was trusted.
    await assertReads(backup, "second");
    const fresh = await cluster.prepareNode(undefined, (await cluster.primary()).rpc);
    await cluster.join(fresh);
    assert.equal(await startupSeqno(fresh), 0);
    await assertReads(fresh, "second");
  });

  async function snapshots(): Promise<StoredSnapshot[]> {
    const url = cluster.consortium.storeUrls.auditor;
    await using reader = await openGroupReader({ url, group: 0 });
    return await reader.listSnapshots();
  }

  async function startupSeqno(of: ClusterNode): Promise<number> {
    using client = cluster.nodeClient(of);
    return Number((await client.getState({})).startupSeqno);
  }

  const recordOf = (index: number) => ({
    groupId: 0,
    map: index % 2 === 0 ? "records" : "public:records",
    key: Buffer.from(`key ${index}`),
  });

  async function put(at: ClusterNode, index: number, value: string): Promise<string> {
    using kv = cluster.kvClient(at);
    const options = {
      idempotencyKey: "",
      answerWhen: app.AnswerWhen.COMMITTED,
      claimsDigest: new Uint8Array(),
    };
    return (await kv.put({ ...recordOf(index), value: Buffer.from(value), options })).transactionId;
  }

  /** A backup may be a message behind. */
  async function assertReads(at: ClusterNode, prefix: string): Promise<void> {
    using kv = cluster.kvClient(at);
    const read = async (index: number): Promise<string> =>
      Buffer.from((await kv.get(recordOf(index))).value).toString();
    const last = WRITES - 1;
    await until(
      `${prefix} ${last} is read`,
      async () => (await read(last)) === `${prefix} ${last}`,
    );
    for (let index = 0; index < WRITES; index += 1) {
      assert.equal(await read(index), `${prefix} ${index}`);
    }
  }

  /** What only who owns the database can do, past its guards. */
  async function asOwner(statement: string): Promise<void> {
    const client = await connectWritable({ url: cluster.consortium.database.adminUrl });
    try {
      await client.query("set session_replication_role = replica");
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
});
