// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { openGroupStore } from "@consortium/ledger";
import { startTestDatabase } from "@consortium/ledger/testing";
import { buildSnapshot, LedgerBuilder, writeText } from "@consortium/ledger/testing/ledger";
import { exportLedger } from "./export.js";
import { verifyLedger } from "./verify.js";

const scratch = await mkdtemp(join(tmpdir(), "ledger-export-"));
after(() => rm(scratch, { recursive: true }));

it("an export has the snapshots of the store beside the files, and verifies from one", async () => {
  await using database = await startTestDatabase();
  const url = database.urls.ledger;
  using ledger = LedgerBuilder.create();
  ledger.sign();
  ledger.open();
  ledger.append(writeText("records", "key", "value"));
  ledger.sign();
  const { finished, bytes } = await buildSnapshot(ledger);
  await using store = await openGroupStore({
    url,
    group: 0,
    holder: "aa".repeat(32),
    leaseMs: 10_000,
  });
  const lease = await store.acquireLease(0);
  assert.ok(lease.outcome === "acquired");
  let previousSeqno = 0;
  const lastSeqnos = ledger.entries.filter((one) => one.isSignature).map(({ seqno }) => seqno);
  for (const [index, entries] of ledger.chunks().entries()) {
    const lastSeqno = lastSeqnos[index] ?? 0;
    await store.append({ view: lease.view, previousSeqno, lastSeqno, entries });
    previousSeqno = lastSeqno;
  }
  await store.putSnapshot(finished);

  const directory = join(scratch, "ledger");
  const result = await exportLedger({ databaseUrl: database.urls.auditor, group: 0, directory });
  const { name, seqno, evidenceSeqno } = finished;
  assert.deepEqual(result.snapshots, [{ name, seqno: "5", bytes: String(bytes.length) }]);
  assert.deepEqual(await readdir(join(directory, "snapshots")), [name]);
  assert.deepEqual(await readFile(join(directory, "snapshots", name)), Buffer.from(bytes));
  const verified = await verifyLedger({
    directory,
    snapshotFile: join(directory, "snapshots", name),
  });
  const evidence = `2.${evidenceSeqno}`;
  assert.deepEqual(verified.snapshot, {
    file: name,
    seqno: String(seqno),
    evidence,
    hasEvidence: true,
  });
  assert.equal(verified.transactions, "2");
});
