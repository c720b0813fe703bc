// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { ccfctlOf } from "../harness/consortium-context.js";
import { Consortium } from "../harness/consortium.js";
import { ContainerDatabase } from "../harness/containers.js";
import { liveFully } from "../harness/full-life.js";
import { checkHistory, readHistory } from "../harness/history.js";
import { until } from "../harness/until.js";
import { WriteLoad } from "../harness/write-load.js";

/* The journey and its faults on a PostgreSQL that is not ours: version 17, in a container. */

let database: ContainerDatabase;
let consortium: Consortium;

before(async () => {
  database = await ContainerDatabase.start();
  consortium = await Consortium.start({ store: database.urls });
});
after(async () => {
  await consortium?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

suite("A consortium on PostgreSQL 17 in a container", () => {
  test("lives a full life, with receipts and a ledger that verify", async () => {
    const proven = await liveFully(consortium);
    const ccfctl = await ccfctlOf(consortium);
    const certificate = ["--service-cert", consortium.serviceCertificateFile];
    for (const [index, { transactionId }] of proven.entries()) {
      const file = `receipt-${index}.json`;
      await ccfctl.text("receipt", "get", transactionId, "--out", file);
      const verify = ["receipt", "verify", file, ...certificate];
      const verified = await ccfctl.json<{ transactionId: string }>(...verify);
      assert.equal(verified.transactionId, transactionId);
    }
    await ccfctl.json("ledger", "export", "ledger");
    const verify = ["ledger", "verify", "ledger", ...certificate];
    const report = await ccfctl.json<{ unsignedTransactions: string }>(...verify);
    assert.equal(report.unsignedTransactions, "0");
  });

  test("loses and doubles nothing when the database hangs, or is killed and restarted", async (t) => {
    const load = WriteLoad.start(consortium);
    using _ = { [Symbol.dispose]: () => load.close() };
    await load.progress(100);

    await database.pause();
    await until("the lease runs out", () => Promise.resolve(load.errors.has("LEASE_EXPIRED")));
    await database.unpause();
    await load.progress(100);

    await database.killAndRestart();
    await load.progress(100);

    await database.pause();
    await consortium.node.kill();
    await database.unpause();
    await consortium.node.start();
    await load.progress(100);

    await load.stop();
    t.diagnostic(`${load.acknowledged.length} writes acknowledged`);
    t.diagnostic(`met: ${JSON.stringify(Object.fromEntries(load.errors))}`);
    checkHistory(await readHistory(database.urls.auditor), load.acknowledged);
    await consortium.decide({ name: "set_recovery_threshold", args: { recovery_threshold: 1 } });
  });
});
