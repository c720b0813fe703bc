// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { verifyReceipt } from "@consortium/ledger/offline";
import { ContainerConsortium } from "../harness/container-consortium.js";
import { checkHistory, readHistory } from "../harness/history.js";
import { until } from "../harness/until.js";
import { WriteLoad } from "../harness/write-load.js";

/* Every part of a consortium in a container: our image, PostgreSQL 17, and a network that breaks. */

let consortium: ContainerConsortium;

before(async () => {
  consortium = await ContainerConsortium.start();
});
after(() => consortium?.[Symbol.asyncDispose]());

suite("A consortium of containers", () => {
  test("is opened by its members, and proves what a user writes", async () => {
    await consortium.open();
    const load = WriteLoad.start(consortium, 1);
    await load.progress(5);
    await load.stop();
    load.close();
    using node = consortium.nodeClient();
    const transactionId = load.acknowledged.at(-1)?.transactionId ?? "";
    const { receiptJson } = await node.getReceipt({ groupId: 0, transactionId });
    const verified = verifyReceipt(JSON.parse(receiptJson), consortium.serviceCertificate);
    assert.equal(verified.transactionId, transactionId);
  });

  test("loses and doubles nothing when its network breaks, and when a part hangs or is killed", async (t) => {
    const { services, database } = consortium;
    const load = WriteLoad.start(consortium);
    using _ = { [Symbol.dispose]: () => load.close() };
    await load.progress(100);

    await consortium.cutOffDatabase();
    await until("the lease runs out", () => Promise.resolve(load.errors.has("LEASE_EXPIRED")));
    await consortium.healNetwork();
    await load.progress(100);

    load.errors.clear();
    await services.node.pause();
    await until("calls are not answered", () =>
      Promise.resolve(load.errors.has("DEADLINE_EXCEEDED")),
    );
    await services.node.unpause();
    await load.progress(100);

    await services.node.killAndRestart();
    await load.progress(100);
    await database.killAndRestart();
    await load.progress(100);
    await services.governance.killAndRestart();
    await consortium.decide({ name: "set_recovery_threshold", args: { recovery_threshold: 1 } });

    await load.stop();
    t.diagnostic(`${load.acknowledged.length} writes acknowledged`);
    t.diagnostic(`met: ${JSON.stringify(Object.fromEntries(load.errors))}`);
    checkHistory(await readHistory(database.urls.auditor), load.acknowledged);
  });

  test("stops in order when it is told to, and goes on where it was", async () => {
    const { services } = consortium;
    const names = ["governance", "recovery", "node"] as const;
    for (const name of names) assert.equal(await services[name].stop(), 0, name);
    for (const name of names.toReversed()) await services[name].restart();
    const load = WriteLoad.start(consortium, 1);
    await load.progress(1);
    await load.stop();
    load.close();
  });
});
