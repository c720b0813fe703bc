// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeLedgerDirectory } from "@consortium/ledger";
import { createParty } from "../testing/member.js";
import { directorySource } from "./ledger-source.js";
import { RecordedConsortium } from "./testing/recorded-consortium.js";
import { verifyGovernance } from "./verify-governance.js";

/** A built-in function that goes on for minutes and never looks at the clock. */
const HANGING = `export function vote () {
  let a = {};
  for (let i = 0; i < 100000; i++) a = { a };
  return JSON.stringify(a) === "";
}`;

describe("a ballot that hangs", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "audit-"));
    await using consortium = await RecordedConsortium.start(3);
    await consortium.open();
    const user = createParty("user", "Secp256R1");
    const { proposalId } = await consortium.propose("set_user", { cert: user.cert });
    await consortium.vote(proposalId, 0, HANGING);
    await consortium.vote(proposalId, 1);
    const { info } = await consortium.vote(proposalId, 2);
    assert.equal(info.state, "Accepted");
    const bytes = consortium.ledger.builder.bytes();
    await writeLedgerDirectory(folder, [bytes]);
  });
  after(() => rm(folder, { recursive: true }));

  it("keeps nobody from auditing, and comes out as it did", async () => {
    const report = await verifyGovernance(directorySource(folder), { threads: 1 });
    assert.deepEqual(report.findings, []);
    assert.equal(report.requests.ballot, 2 + 3);
    assert.equal(report.requestCount, 6 + 3 + 1 + 3);
  });
});
