// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { join } from "node:path";
import { app } from "@consortium/proto";
import { Ccfctl } from "../harness/ccfctl.js";
import { Cluster, type ClusterNode } from "../harness/cluster.js";
import { ClusterLoad } from "../harness/cluster-load.js";
import { checkHistory, readHistory } from "../harness/history.js";

/* Three ledger nodes, governance and recovery, as an operator runs them. */

test("Three nodes lose each in turn under load, and no write", { timeout: 120_000 }, async (t) => {
  await using cluster = await Cluster.start();
  const { consortium } = cluster;
  await joinByVote(t, cluster);
  await writeAnywhereReadAnywhere(cluster);

  using load = ClusterLoad.start(cluster);
  await load.progress(200);
  for (const victim of cluster.nodes) {
    const primary = await cluster.primary();
    const part = victim === primary ? "the primary" : "a backup";
    load.longestPauseMs = 0;
    await victim.process.kill();
    await load.progress(50);
    t.diagnostic(`${part} killed: longest pause ${Math.round(load.longestPauseMs)} ms`);
    await restart(cluster, victim);
    await load.progress(50);
  }

  const primary = await cluster.primary();
  load.longestPauseMs = 0;
  await primary.process.stop();
  await load.progress(50);
  t.diagnostic(`SIGTERM of the primary: longest pause ${Math.round(load.longestPauseMs)} ms`);
  await restart(cluster, primary);
  await load.progress(50);
  await load.stop();

  t.diagnostic(`${load.acknowledged.length} writes and ${load.reads} reads at the primary`);
  assert.ok(load.reads > 100, "there were reads to judge");
  load.checkReads();
  checkHistory(await readHistory(consortium.storeUrls.auditor), load.acknowledged);
  await exportedLedgerVerifies(cluster);
});

/** Nodes that come after the opening wait until members trust them. */
async function joinByVote(t: TestContext, cluster: Cluster): Promise<void> {
  const begin = performance.now();
  const joiners = [await cluster.prepareNode(), await cluster.prepareNode()];
  await Promise.all(joiners.map(({ process }) => process.launch()));
  const ids = await Promise.all(joiners.map((joiner) => cluster.pending(joiner)));
  const env = ccfctlEnvironment(cluster);
  const ccfctl = new Ccfctl({ cwd: cluster.consortium.folder, env });
  const list = ["node", "list", ...reach(cluster, cluster.node(0))];
  const { nodes } = await ccfctl.json<{ nodes: { nodeId: string; status: string }[] }>(...list);
  const pending = nodes.filter(({ status }) => status === "Pending").map(({ nodeId }) => nodeId);
  assert.deepEqual(pending.sort(), [...ids].sort());
  await proposeTrust(cluster, ccfctl, ids[0] ?? "");
  await cluster.trust(ids[1] ?? "");
  await Promise.all(joiners.map((joiner) => cluster.ready(joiner)));
  t.diagnostic(`two nodes joined by vote after ${Math.round(performance.now() - begin)} ms`);
}

/** As members do it. */
async function proposeTrust(cluster: Cluster, ccfctl: Ccfctl, nodeId: string): Promise<void> {
  const { members, addresses } = cluster.consortium;
  const at = ["--address", addresses.governance.rpc];
  const cacert = ["--cacert", cluster.consortium.serviceCertificateFile];
  const identity = (index: number): string[] => {
    const member = members[index];
    return ["--key", member?.keyFile ?? "", "--cert", member?.certificateFile ?? ""];
  };
  const propose = ["propose", "node", "trust", nodeId, "--yes", ...at, ...cacert, ...identity(0)];
  const { proposalId } = await ccfctl.json<{ proposalId: string }>(...propose);
  for (const index of [0, 1]) {
    const vote = ["proposal", "vote", proposalId, "--yes"];
    await ccfctl.text(...vote, ...at, ...cacert, ...identity(index));
  }
}

async function writeAnywhereReadAnywhere(cluster: Cluster): Promise<void> {
  const options = {
    idempotencyKey: "",
    answerWhen: app.AnswerWhen.COMMITTED,
    claimsDigest: new Uint8Array(),
  };
  for (const [index, one] of cluster.nodes.entries()) {
    using kv = cluster.kvClient(one);
    const write = { groupId: 0, map: "anywhere", key: Buffer.from(`at ${index}`) };
    const value = Buffer.from(`written at ${index}`);
    const { transactionId } = await kv.put({ ...write, value, options });
    for (const other of cluster.nodes) {
      await committedAt(cluster, other, transactionId);
      using reader = cluster.kvClient(other);
      const found = await reader.get(write);
      assert.equal(Buffer.from(found.value).toString(), value.toString());
    }
  }
}

/** A backup may be a message behind. */
async function committedAt(cluster: Cluster, at: ClusterNode, id: string): Promise<void> {
  const seqno = Number(id.split(".")[1]);
  using client = cluster.nodeClient(at);
  for (;;) {
    const { transactionId } = await client.getCommit({ groupId: 0, viewHistory: false });
    if (Number(transactionId.split(".")[1]) >= seqno) return;
  }
}

async function restart(cluster: Cluster, one: ClusterNode): Promise<void> {
  await one.process.start();
  await cluster.primary();
}

async function exportedLedgerVerifies(cluster: Cluster): Promise<void> {
  const { folder, serviceCertificateFile } = cluster.consortium;
  const ccfctl = new Ccfctl({ cwd: folder, env: ccfctlEnvironment(cluster) });
  const directory = join(folder, "export");
  await ccfctl.json("ledger", "export", directory);
  const verify = ["ledger", "verify", directory, "--service-cert", serviceCertificateFile];
  const result = await ccfctl.json<{ verified: boolean; unsignedTransactions: string }>(...verify);
  assert.equal(result.verified, true);
  assert.equal(result.unsignedTransactions, "0");
}

function reach(cluster: Cluster, one: ClusterNode): string[] {
  return ["--address", one.rpc, "--cacert", cluster.consortium.serviceCertificateFile];
}

function ccfctlEnvironment(cluster: Cluster): NodeJS.ProcessEnv {
  return { CCFCTL_DATABASE_URL: cluster.consortium.storeUrls.auditor };
}
