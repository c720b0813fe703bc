// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { makeParticipant, temporaryFolder } from "../testing/participant.js";
import { describeCertificate, describePem } from "./certificate.js";
import { renderBody, renderPreview, renderProposal } from "./proposal.js";
import { renderFields, renderTable } from "./table.js";

// Also when somebody runs the tests on a terminal.
delete process.env["FORCE_COLOR"];
process.env["NO_COLOR"] = "1";

test("Columns are aligned, and nothing trails", () => {
  const table = renderTable(
    ["A", "LONG"],
    [
      ["xyz", ""],
      ["", "1"],
    ],
    "none",
  );
  assert.equal(table, "A    LONG\nxyz\n     1");
});

test("An empty table says so", () => {
  assert.equal(renderTable(["A"], [], "There are none."), "There are none.");
});

test("Colours do not shift columns", () => {
  assert.equal(
    renderTable(["A", "B"], [["\u001B[32mok\u001B[39m", "1"]], ""),
    "A   B\n\u001B[32mok\u001B[39m  1",
  );
});

test("Fields without a value are left out, and several lines stand below each other", () => {
  assert.equal(
    renderFields([
      ["one", "1\n2"],
      ["absent", undefined],
      ["three", "3"],
    ]),
    "one    1\n       2\nthree  3",
  );
});

test("A body is shown action by action, certificates by their fingerprint", async () => {
  await using folder = await temporaryFolder();
  const member = await makeParticipant(folder.path, "member3");
  const cert = await readFile(member.certificate, "utf8");
  const text = renderBody({
    actions: [
      { name: "set_member", args: { cert, member_data: { a: 1 } } },
      { name: "trigger_snapshot" },
    ],
  });
  assert.match(
    text,
    new RegExp(
      `^set_member\n  cert +certificate of CN=member3 until \\d{4}-\\d\\d-\\d\\d, SHA-256 ${member.id}\n`,
    ),
  );
  assert.match(text, /\n  member_data {2}\{"a":1\}\ntrigger_snapshot$/);
});

test("What is no proposal is shown as it is", () => {
  assert.equal(renderBody({ actions: 1 }), '{\n  "actions": 1\n}');
  assert.equal(
    describePem("-----BEGIN CERTIFICATE-----\nbroken"),
    "-----BEGIN CERTIFICATE-----\nbroken",
  );
});

test("A proposal shows who voted and how, and what failed", () => {
  const text = renderProposal({
    proposalId: "p",
    proposerId: "m",
    proposalState: "Failed",
    ballotCount: 2,
    ballotSubmitters: ["a", "b"],
    finalVotes: { a: true, b: false },
    voteFailures: { c: { reason: "boom", trace: "" } },
    failure: { reason: "no apply", trace: "" },
  });
  for (const line of ["  a  yes", "  b  no", "vote of c failed: boom", "failed: no apply"]) {
    assert.ok(text.split("\n").includes(line), line);
  }
});

test("A preview shows old and new, and what would be refused", () => {
  const preview = {
    validationError: null,
    changes: [{ map: "m", key: "k", oldValue: "1", newValue: null }],
    effects: ["rekey"],
    failure: null,
    votedMembers: [],
    missingMembers: ["a".repeat(64)],
    stateAfter: "Open",
    droppedProposals: [],
  };
  const text = renderPreview(preview);
  assert.match(text, /m k\n {2}- 1\neffects +rekey\nnot yet voted +a{10}…/);
  assert.equal(
    renderPreview({ ...preview, validationError: "bad args" }),
    "would be refused: bad args",
  );
});

test("What is left of a certificate is told in days", async () => {
  await using folder = await temporaryFolder();
  const pem = await readFile((await makeParticipant(folder.path)).certificate, "utf8");
  const now = Date.now();
  const day = 24 * 60 * 60 * 1000;
  assert.match(describeCertificate(pem, now), /, 364 days left$/);
  assert.match(describeCertificate(pem, now + 364.5 * day), /less than a day left$/);
  assert.match(describeCertificate(pem, now + 366 * day), /, expired$/);
  assert.equal(describeCertificate("no", now), "certificate not readable");
});
