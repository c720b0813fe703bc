// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "../harness/cluster.js";
import { ClusterLoad } from "../harness/cluster-load.js";
import { checkHistory, readHistory } from "../harness/history.js";

test(
  "A primary without its store or without a majority leads no more, and says so",
  {
    timeout: 120_000,
  },
  async (t) => {
    await using cluster = await Cluster.start({
      node: { consensus: { election_timeout: "1500ms" } },
    });
    const { database } = cluster.consortium;
    await cluster.join(await cluster.prepareNode());
    using load = ClusterLoad.start(cluster, 3);
    await load.progress(30);

    await database.stop();
    const down = performance.now();
    const lost = await cluster.primaryAsSaid(/cut off from the store/);
    t.diagnostic(`without the store it stopped after ${Math.round(performance.now() - down)} ms`);
    using asked = cluster.nodeClient(lost);
    const [cut] = (await asked.getConsensus({})).groups;
    assert.equal(cut?.leading, false);
    assert.match(cut?.steppedDown ?? "", /LEASE_EXPIRED/);
    await sleep(Math.max(0, 5000 - (performance.now() - down)));
    await database.resume();
    const up = performance.now();
    await load.progress(1);
    t.diagnostic(
      `store down for 5 s: writes resumed ${Math.round(performance.now() - up)} ms after it was back`,
    );
    await load.progress(30);

    const primary = await cluster.primary();
    const backup = cluster.nodes.find((one) => one !== primary);
    assert.ok(backup !== undefined);
    backup.process.program.signal("SIGSTOP");
    const from = primary.process.program.output.length;
    await primary.process.program.printed(/no longer primary[^]*NO_MAJORITY/, { from });
    using client = cluster.nodeClient(primary);
    const [group] = (await client.getConsensus({})).groups;
    assert.match(group?.steppedDown ?? "", /NO_MAJORITY/);
    backup.process.program.signal("SIGCONT");
    await load.progress(30);
    await load.stop();
    load.checkReads();
    checkHistory(await readHistory(cluster.consortium.storeUrls.auditor), load.acknowledged);
  },
);
