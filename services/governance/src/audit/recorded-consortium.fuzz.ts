// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LocalSandbox } from "./local-sandbox.js";
import { entriesOf, type RawEntry } from "./testing/audit-in-process.js";
import { changedEntry, changedRows, lastProposal, randomNumbers } from "./testing/changed-rows.js";
import { RecordedConsortium, recordDecisions } from "./testing/recorded-consortium.js";

/* Two hundred decisions of seven members, of which each row is changed in turn. */

const SEED = Number(process.env["FUZZ_SEED"] ?? 1);

let entries: readonly RawEntry[] = [];
let sandbox: LocalSandbox;

before(async () => {
  sandbox = await LocalSandbox.create();
  await using consortium = await RecordedConsortium.start(7);
  await recordDecisions(consortium, 200);
  await consortium.propose("trigger_ledger_chunk");
  entries = entriesOf(consortium.ledger.builder.bytes());
});
after(() => {
  entries = [];
});

test("a change of any row that a request wrote is noticed", async (t) => {
  let changes = 0;
  const options = { share: 1, random: randomNumbers(SEED) };
  for await (const { what, noticed } of changedRows(entries, sandbox, options)) {
    assert.ok(noticed, what);
    changes += 1;
  }
  t.diagnostic(`${changes} rows of ${entries.length} transactions`);
  assert.ok(changes > 2_500, `${changes} changes`);
});

test("a change in any transaction is noticed, whoever wrote it", async () => {
  const random = randomNumbers(SEED + 1);
  for (let at = 0; at < lastProposal(entries); at += 1) {
    const { what, noticed } = await changedEntry(entries, sandbox, { at, random });
    assert.ok(noticed, what);
  }
});
