// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { fixturePath } from "@consortium/ledger/testing/ledger";
import { renderGovernanceVerification } from "../../render/governance-verification.js";
import { verifyGovernance } from "./verify-governance.js";

const directory = fixturePath("cose_flipflop_service", "ledger");
const serviceCertificateFile = fixturePath(
  "cose_flipflop_service",
  "certificates/service_cert.pem",
);

test("What members of a CCF service decided comes out the same here", async () => {
  const result = await verifyGovernance({ ledger: { directory }, serviceCertificateFile });
  assert.equal(result.verified, true);
  assert.equal(result.transactions, "46");
  assert.deepEqual(result.requests, { ack: 1, proposal: 3, ballot: 3 });
  const text = renderGovernanceVerification(result);
  assert.match(text, /^requests +1 ack, 3 proposal, 3 ballot$/m);
  assert.match(text, /^service +as in the certificate given$/m);
});

test("What differs is named with transaction, table and key", async () => {
  const result = await verifyGovernance({
    ledger: { directory: fixturePath("expired_service", "ledger") },
    to: "4.52",
  });
  assert.equal(result.verified, false);
  const finding = result.findings.find(({ code }) => code === "ROW_DIFFERS");
  assert.equal(finding?.table, "public:ccf.gov.members.acks");
  assert.match(renderGovernanceVerification(result), /^4\.38 {2}the row is not what was decided/m);
});

test("The auditor's own errors come through", async () => {
  await assert.rejects(verifyGovernance({ ledger: { directory }, from: "9.9" }), (error) =>
    isAppError(error, "TRANSACTION_NOT_FOUND"),
  );
});
