// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { join } from "node:path";
import { Ccfctl } from "../harness/ccfctl.js";
import { Consortium } from "../harness/consortium.js";
import { checkHistory, readHistory } from "../harness/history.js";
import { HISTORY_MAP, WriteLoad } from "../harness/write-load.js";

/* Every process is ended without a warning while users write, and started again. */

type Victim = "node" | "postgres" | "governance" | "recovery" | "everything";

test("Nothing acknowledged is lost or doubled, whichever process is killed under load", async (t) => {
  await using consortium = await Consortium.start();
  const load = WriteLoad.start(consortium);
  using _ = { [Symbol.dispose]: () => load.close() };
  const victims: Victim[] = [
    "node",
    "postgres",
    "governance",
    "node",
    "recovery",
    "everything",
    "postgres",
  ];
  for (const victim of victims) {
    // A random point: so many writes after the last crash.
    const point = 1 + Math.floor(Math.random() * 150);
    await load.progress(point);
    const count = load.acknowledged.length;
    const begin = performance.now();
    await crash(consortium, victim);
    await load.progress(20);
    const ms = Math.round(performance.now() - begin);
    t.diagnostic(`${victim} killed after ${count} writes; writing again after ${ms} ms`);
  }
  await load.stop();
  report(t, load);

  checkHistory(await readHistory(consortium.storeUrls.auditor), load.acknowledged);
  await checkReads(consortium, load);
  await checkRepeats(load);
  await consortium.decide({ name: "set_recovery_threshold", args: { recovery_threshold: 1 } });
  using recovery = consortium.recoveryClient();
  await recovery.getRecoveryStatus({});
  await verifyLedger(consortium);
  await consortium.stop();
});

/** Kills and starts again, while the others go on. */
async function crash(consortium: Consortium, victim: Victim): Promise<void> {
  if (victim === "everything") {
    const { node, governance, recovery, database } = consortium;
    await Promise.all([node, database, governance, recovery].map((process) => process.kill()));
    await database.resume();
    await node.start();
    await Promise.all([governance.start(), recovery.start()]);
    return;
  }
  if (victim === "postgres") {
    await consortium.database.kill();
    await consortium.database.resume();
    return;
  }
  const service = consortium[victim];
  await service.kill();
  await service.start();
}

function report(t: TestContext, load: WriteLoad): void {
  const repeated = load.acknowledged.filter(({ attempts }) => attempts > 1).length;
  t.diagnostic(`${load.acknowledged.length} writes acknowledged, ${repeated} sent more than once`);
  t.diagnostic(`met: ${JSON.stringify(Object.fromEntries(load.errors))}`);
}

/** What readers see is what was acknowledged. */
async function checkReads(consortium: Consortium, load: WriteLoad): Promise<void> {
  using client = consortium.kvClient();
  const versions = new Map<string, bigint>();
  for (let pageToken = "", more = true; more; more = pageToken !== "") {
    const none = new Uint8Array();
    const request = { groupId: 0, map: HISTORY_MAP, start: none, end: none, keysOnly: false };
    const page = await client.range({ ...request, pageSize: 1000, pageToken });
    for (const { key, version } of page.entries) {
      versions.set(Buffer.from(key).toString(), version);
    }
    pageToken = page.nextPageToken;
  }
  for (const { key, transactionId } of load.acknowledged) {
    assert.equal(versions.get(key), BigInt(transactionId.split(".")[1] ?? ""), key);
  }
}

/** A client that never got its answer asks again: it gets the one of then. */
async function checkRepeats(load: WriteLoad): Promise<void> {
  const { acknowledged } = load;
  const step = Math.max(1, Math.floor(acknowledged.length / 50));
  for (let index = 0; index < acknowledged.length; index += step) {
    const { key, transactionId } = acknowledged[index]!;
    assert.equal(await load.repeat(key), transactionId);
  }
}

async function verifyLedger(consortium: Consortium): Promise<void> {
  const env = { CCFCTL_DATABASE_URL: consortium.storeUrls.auditor };
  const ccfctl = new Ccfctl({ cwd: consortium.folder, env });
  const directory = join(consortium.folder, "export");
  await ccfctl.json("ledger", "export", directory);
  const certificate = consortium.serviceCertificateFile;
  const result = await ccfctl.json<{ verified: boolean; unsignedTransactions: string }>(
    "ledger",
    "verify",
    directory,
    "--service-cert",
    certificate,
  );
  assert.equal(result.verified, true);
  assert.equal(result.unsignedTransactions, "0");
}
