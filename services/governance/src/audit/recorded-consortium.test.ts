// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeLedgerDirectory } from "@consortium/ledger";
import { directorySource } from "./ledger-source.js";
import { LocalSandbox } from "./local-sandbox.js";
import { entriesOf, type RawEntry } from "./testing/audit-in-process.js";
import { changedEntry, changedRows, lastProposal, randomNumbers } from "./testing/changed-rows.js";
import { RecordedConsortium, recordDecisions } from "./testing/recorded-consortium.js";
import { verifyGovernance } from "./verify-governance.js";

describe("a recorded consortium of seven members and two hundred decisions", () => {
  let folder = "";
  let serviceCert = "";
  let entries: readonly RawEntry[] = [];
  let sandbox: LocalSandbox;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "audit-"));
    sandbox = await LocalSandbox.create();
    await using consortium = await RecordedConsortium.start(7);
    await recordDecisions(consortium, 200);
    // The last root that a request depends on is as late as can be.
    await consortium.propose("trigger_ledger_chunk");
    serviceCert = consortium.serviceCert;
    const bytes = consortium.ledger.builder.bytes();
    entries = entriesOf(bytes);
    await writeLedgerDirectory(join(folder, "ledger"), [bytes]);
  });
  after(() => rm(folder, { recursive: true }));

  it("is accepted, with every request counted", async () => {
    const report = await verifyGovernance(directorySource(join(folder, "ledger"), serviceCert));
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.remarks, []);
    assert.ok(report.ok);
    assert.equal(report.transactions, entries.length);
    assert.equal(report.requests.ack, 7 + 10);
    assert.equal(report.constitutions.length, 11);
    const closed = Object.values(report.decisions).reduce((sum, number) => sum + number, 0);
    assert.ok(closed >= 200, `${closed} proposals were closed`);
    for (const state of ["Accepted", "Rejected", "Withdrawn", "Dropped"])
      assert.ok((report.decisions[state] ?? 0) > 0, state);
  });

  it("is accepted in part, and only what was asked for is made again", async () => {
    const source = directorySource(join(folder, "ledger"), serviceCert);
    const report = await verifyGovernance(source, { from: "2.400", to: "2.500", threads: 2 });
    assert.ok(report.ok);
    assert.ok(report.requestCount > 20 && report.requestCount <= 101);
    await assert.rejects(verifyGovernance(source, { to: "3.400" }), /3\.400 is not on the ledger/);
    await assert.rejects(verifyGovernance(source, { from: "400" }), /not a transaction id/);
  });

  it("is rejected after any byte of a row that a request wrote was changed", async () => {
    let changes = 0;
    // Each row of some requests, and one row of every request, sooner or later.
    const options = { share: 0.2, random: randomNumbers(1) };
    for await (const { what, noticed } of changedRows(entries, sandbox, options)) {
      assert.ok(noticed, what);
      changes += 1;
    }
    assert.ok(changes > 500, `${changes} changes`);
  });

  it("is rejected after any byte of any row was changed, whoever wrote it", async () => {
    const random = randomNumbers(2);
    const last = lastProposal(entries);
    for (let round = 0; round < 60; round += 1) {
      const at = Math.floor(random() * last);
      const { what, noticed } = await changedEntry(entries, sandbox, { at, random });
      assert.ok(noticed, what);
    }
  });
});
