// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { test, type TestContext } from "node:test";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { governance, node as proto } from "@consortium/proto";
import { Ccfctl } from "../harness/ccfctl.js";
import { Cluster, type ClusterNode } from "../harness/cluster.js";
import { ClusterLoad } from "../harness/cluster-load.js";
import { vote } from "../harness/governing.js";
import { checkHistory, readHistory } from "../harness/history.js";

/* With a lease that is long, so that whoever waited for it would be seen. */
const LEASE_MS = 20_000;

test(
  "A primary that members retire hands over, leads never again, and is replaced",
  {
    timeout: 120_000,
  },
  async (t) => {
    const store = { url_file: "store.url", lease: `${LEASE_MS}ms` };
    await using cluster = await Cluster.start({ node: { store } });
    const ids = [await idOf(cluster.node(0))];
    const joiner = await cluster.prepareNode();
    const ccfctl = new Ccfctl({ cwd: cluster.consortium.folder });
    await joiner.process.launchBy((config) => ccfctl.start("node", "join", "--config", config));
    await stateBeforeTrust(cluster, joiner);
    ids.push(await cluster.pending(joiner));
    await refuseSameAddress(cluster, joiner);
    await cluster.trust(ids[1] ?? "");
    await cluster.ready(joiner);

    await renewed(cluster, ccfctl, joiner, ids[1] ?? "");

    using load = ClusterLoad.start(cluster, 3);
    await load.progress(50);
    const [retiredId = ""] = ids;
    const old = cluster.node(0);
    load.longestPauseMs = 0;
    await decideWith(cluster, ccfctl, "node", "retire", retiredId);
    await load.progress(30);
    const pause = Math.round(load.longestPauseMs);
    t.diagnostic(`the primary retired: longest pause ${pause} ms, with a lease of ${LEASE_MS} ms`);
    assert.ok(pause < LEASE_MS / 2, "nobody waited for the lease");
    await retiredAndComplete(cluster, joiner, retiredId);
    await old.process.program.printed(/members have retired node/);
    await servesNoMore(cluster, old);
    for (const { process } of [old, joiner]) {
      for (const line of process.program.output.match(/^.*(retired|took the lease).*$/gm) ?? []) {
        t.diagnostic(line.slice(0, 100));
      }
    }
    await removedByThoseWhoMay(t, cluster, joiner, retiredId);

    await old.process.kill();
    const again = await old.process.launch();
    const exit = await again.exited;
    assert.notEqual(exit.code, 0);
    assert.match(again.output, /NODE_RETIRED/);

    const replacement = await cluster.prepareNode(
      { rpc: old.rpc, nodeToNode: old.nodeToNode },
      joiner.rpc,
    );
    await cluster.join(replacement);
    await load.progress(30);
    load.longestPauseMs = 0;
    await joiner.process.stop();
    t.diagnostic(`SIGTERM of the primary: its process ended`);
    await joiner.process.start();
    await load.progress(30);
    assert.ok(load.longestPauseMs < LEASE_MS / 2, "nobody waited for the lease");
    await load.stop();
    await endsWhenRetired(cluster, "recovery");
    await endsWhenRetired(cluster, "governance");
    load.checkReads();
    checkHistory(await readHistory(cluster.consortium.storeUrls.auditor), load.acknowledged);
  },
);

async function idOf({ process }: ClusterNode): Promise<string> {
  const [, id = ""] = await process.program.printed(/node identity[^\n]*?\b([0-9a-f]{64})\b/);
  return id;
}

/** Proposes with a command; the members vote for it. */
async function decideWith(cluster: Cluster, ccfctl: Ccfctl, ...command: string[]): Promise<void> {
  const { consortium } = cluster;
  const [proposer] = consortium.members;
  const at = ["--address", consortium.addresses.governance.rpc];
  const cacert = ["--cacert", consortium.serviceCertificateFile];
  const as = ["--key", proposer?.keyFile ?? "", "--cert", proposer?.certificateFile ?? ""];
  const args = [...command, "--yes", ...at, ...cacert, ...as];
  const { proposalId } = await ccfctl.json<{ proposalId: string }>(...args);
  using client = consortium.governanceClient();
  for (const voter of consortium.members) {
    const { state } = await vote(client, voter, proposalId);
    if (state === governance.ProposalState.ACCEPTED) return;
  }
  assert.fail(`${command.join(" ")} was not accepted`);
}

/** A node shows its new certificate, of the same key, to whoever connects from then on. */
async function renewed(
  cluster: Cluster,
  ccfctl: Ccfctl,
  one: ClusterNode,
  nodeId: string,
): Promise<void> {
  const before = await shownBy(one);
  await decideWith(cluster, ccfctl, "node", "renew", nodeId, "--validity-days", "17");
  const deadline = Date.now() + 10_000;
  let after = before;
  while (after.serialNumber === before.serialNumber) {
    assert.ok(Date.now() < deadline, "the renewed certificate is not shown");
    await sleep(20);
    after = await shownBy(one);
  }
  assert.ok(after.publicKey.equals(before.publicKey));
  const days = (after.validToDate.getTime() - after.validFromDate.getTime()) / 86_400_000;
  assert.equal(Math.round(days), 17);
}

async function shownBy({ rpc }: ClusterNode): Promise<X509Certificate> {
  const [host = "", port = ""] = rpc.split(":");
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  assert.ok(certificate !== undefined);
  return certificate;
}

/** They have nothing to hand over, so they are gone at once. */
async function endsWhenRetired(cluster: Cluster, role: "governance" | "recovery"): Promise<void> {
  const process = cluster.consortium[role];
  const node_id = await idOf({ process, rpc: "", nodeToNode: "" });
  await cluster.consortium.decide({ name: "remove_node", args: { node_id } });
  const exit = await process.program.exited;
  assert.equal(exit.code, 1);
  assert.match(process.program.output, /NODE_RETIRED/);
}

/** From the first second, by the certificate that it signed itself. */
async function stateBeforeTrust(cluster: Cluster, joiner: ClusterNode): Promise<void> {
  await cluster.pending(joiner);
  const ccfctl = new Ccfctl({ cwd: cluster.consortium.folder });
  const cacert = join(joiner.process.folder, "nodecert.pem");
  const at = ["--address", joiner.rpc, "--cacert", cacert];
  const { state } = await ccfctl.json<{ state: string }>("node", "state", ...at);
  assert.equal(state, "Pending");
}

async function refuseSameAddress(cluster: Cluster, first: ClusterNode): Promise<void> {
  const { rpc, nodeToNode } = await cluster.prepareNode();
  cluster.nodes.pop();
  const twin = await cluster.prepareNode({ rpc, nodeToNode });
  cluster.nodes.pop();
  // It listens elsewhere, and says that it is where the first one is.
  const config = twin.process.configFile;
  const { readFile, writeFile } = await import("node:fs/promises");
  const text = await readFile(config, "utf8");
  const publishing = `"bind_address": "${nodeToNode}", "published_address": "${first.nodeToNode}"`;
  await writeFile(config, text.replace(`"bind_address": "${nodeToNode}"`, publishing));
  const program = await twin.process.launch();
  assert.notEqual((await program.exited).code, 0);
  assert.match(program.output, /JOIN_REFUSED/);
  assert.match(program.output, /is registered with the address/);
}

async function retiredAndComplete(
  cluster: Cluster,
  at: ClusterNode,
  nodeId: string,
): Promise<void> {
  using client = cluster.nodeClient(at);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { nodes } = await client.listRemovableNodes({});
    const found = nodes.find((one) => one.nodeId === nodeId);
    if (found !== undefined) {
      assert.equal(found.status, proto.NodeStatus.RETIRED);
      assert.equal(found.retiredCommitted, true);
      return;
    }
    assert.ok(Date.now() < deadline, "the retirement is not completed");
    await sleep(50);
  }
}

async function servesNoMore(cluster: Cluster, retired: ClusterNode): Promise<void> {
  using kv = cluster.kvClient(retired);
  const request = { groupId: 0, map: "public:registers", key: Buffer.from("0") };
  await assert.rejects(kv.get(request), { code: "NOT_PRIMARY" });
  using client = cluster.nodeClient(retired);
  const { fault } = await client.getState({});
  assert.match(fault, /^NODE_RETIRED: /);
}

/** Nobody without a certificate, no user; a member may, once the retirement is complete. */
async function removedByThoseWhoMay(
  t: TestContext,
  cluster: Cluster,
  at: ClusterNode,
  nodeId: string,
): Promise<void> {
  const { folder, member, user, serviceCertificateFile } = cluster.consortium;
  const ccfctl = new Ccfctl({ cwd: folder });
  const reach = ["--address", at.rpc, "--cacert", serviceCertificateFile];
  using client = cluster.nodeClient(at);
  await assert.rejects(client.deleteNode({ nodeId }), { code: "INVALID_AUTHENTICATION" });
  const as = (who: { keyFile: string; certificateFile: string }): string[] => {
    return ["--key", who.keyFile, "--cert", who.certificateFile];
  };
  const refused = await ccfctl.failure("node", "delete", nodeId, ...reach, ...as(user));
  assert.equal(refused.code, "INVALID_AUTHENTICATION");
  const living = await idOf(at);
  const early = await ccfctl.failure("node", "delete", living, ...reach, ...as(member));
  assert.equal(early.code, "NODE_NOT_RETIRED_COMMITTED");
  const removable = await ccfctl.json<{ nodes: unknown[] }>("node", "removable", ...reach);
  assert.equal(removable.nodes.length, 1);
  const done = ["node", "delete", nodeId, ...reach, ...as(member)];
  const { transactionId } = await ccfctl.json<{ transactionId: string }>(...done);
  await assert.rejects(client.getNode({ nodeId }), { code: "NODE_NOT_FOUND" });
  t.diagnostic(`the row of the retired node was removed in ${transactionId}`);
}
