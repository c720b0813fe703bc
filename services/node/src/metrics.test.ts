// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { TestNode } from "./testing/test-node.js";

test("Metrics tell the view, who leads, and how long commits take", async () => {
  const bind_address = await freeAddress();
  await using node = await TestNode.start({ metrics: { bind_address } });
  using client = node.node();
  const [group] = (await client.getConsensus({})).groups;
  assert.equal(group?.leading, true);
  assert.deepEqual(group.peers, []);
  assert.equal(group.steppedDown, "");
  const metrics = await (await fetch(`http://${bind_address}/metrics`)).text();
  assert.equal(valueOf(metrics, "ccf_ledger_view"), Number(group.view));
  assert.equal(valueOf(metrics, "ccf_ledger_leading"), 1);
  assert.ok(valueOf(metrics, "ccf_ledger_commit_seconds_count") > 0);
  assert.match(metrics, /^# TYPE ccf_ledger_peer_lag_transactions gauge$/m);
  assert.match(metrics, /^# TYPE ccf_channel_state gauge$/m);
});

function valueOf(metrics: string, name: string): number {
  return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, "m").exec(metrics)?.[1]);
}

async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
}
