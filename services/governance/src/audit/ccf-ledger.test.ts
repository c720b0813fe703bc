// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixturePath, fixtureServiceCert } from "@consortium/ledger/testing/ledger";
import { directorySource } from "./ledger-source.js";
import { verifyGovernance } from "./verify-governance.js";

describe("the governance of a ledger that CCF wrote", () => {
  it("comes out the same here, byte for byte, under CCF's own constitution", async () => {
    const directory = fixturePath("cose_flipflop_service", "ledger");
    const report = await verifyGovernance(
      directorySource(directory, fixtureServiceCert("cose_flipflop_service")),
    );
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.requests, { ack: 1, proposal: 3, ballot: 3 });
    assert.deepEqual(report.decisions, { Accepted: 3 });
    assert.deepEqual(
      report.remarks.map(({ transactionId }) => transactionId),
      ["2.3"],
    );
  });

  it("says what cannot be made again: requests that are signed as HTTP requests", async () => {
    const report = await verifyGovernance(
      directorySource(fixturePath("expired_service", "ledger")),
      { to: "2.17" },
    );
    assert.equal(report.ok, false);
    assert.deepEqual(
      new Set(report.findings.map(({ code }) => code)),
      new Set(["REQUEST_INVALID"]),
    );
    assert.match(report.findings[0]?.message ?? "", /before version 3/);
  });

  it("is not looked at where the ledger is another service's", async () => {
    const directory = fixturePath("cose_flipflop_service", "ledger");
    const report = await verifyGovernance(
      directorySource(directory, fixtureServiceCert("expired_service")),
    );
    assert.equal(report.ok, false);
    assert.equal(report.ledgerFault?.code, "SERVICE_IDENTITY_MISMATCH");
  });
});
