// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { digestEntries } from "@consortium/crypto-wasm";
import {
  type DecodedEntry,
  decodeEntry,
  GOVERNANCE_PREFIX,
  TABLES,
  type WriteSet,
  writeLedgerDirectory,
} from "@consortium/ledger";
import { directorySource } from "./ledger-source.js";
import { LocalSandbox } from "./local-sandbox.js";
import {
  entriesOf,
  InProcessAudit,
  type LeafEntry,
  type RawEntry,
} from "./testing/audit-in-process.js";
import { RecordedConsortium, recordDecisions } from "./testing/recorded-consortium.js";
import { verifyGovernance } from "./verify-governance.js";

/** Secrets and signatures that the primary makes anew each time: their form is checked, not their bytes. */
const MADE: ReadonlySet<string> = new Set([
  TABLES.recoveryShares,
  TABLES.historicalEncryptedLedgerSecret,
  TABLES.encryptedLedgerSecrets,
  TABLES.previousServiceIdentityEndorsement,
]);

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
    using audit = new InProcessAudit(sandbox);
    const random = randomNumbers(1);
    let changes = 0;
    for (const { entry, leaf } of entries) {
      if (isRequest(entry)) {
        for (const [table, key] of rowsOf(entry.publicWrites)) {
          // Each row of some requests, and one row of every request, sooner or later.
          if (random() > 0.2) continue;
          const publicWrites = changeRow(entry.publicWrites, table, key, random);
          const { complaints } = await audit.check({ ...entry, publicWrites });
          assert.ok(complaints.length > 0, `${entry.seqno} ${table} ${key}`);
          changes += 1;
        }
      }
      audit.apply(entry, leaf);
    }
    assert.ok(changes > 500, `${changes} changes`);
  });

  it("is rejected after any byte of any row was changed, whoever wrote it", async () => {
    const random = randomNumbers(2);
    const last = entries.findLastIndex(({ entry }) => isProposal(entry));
    for (let round = 0; round < 60; round += 1) {
      const at = Math.floor(random() * last);
      const changed = changeBytes(entries[at]!, random);
      const next = entries.findIndex(({ entry }, index) => index > at && isProposal(entry));
      using audit = new InProcessAudit(sandbox);
      for (const { entry, leaf } of entries.slice(0, at)) audit.apply(entry, leaf);
      let complaints =
        changed === undefined ? 1 : (await audit.check(changed.entry)).complaints.length;
      if (changed !== undefined && complaints === 0) {
        // Nothing follows from the row itself, but its bytes are under every root after it.
        audit.apply(changed.entry, changed.leaf);
        for (const { entry, leaf } of entries.slice(at + 1, next)) audit.apply(entry, leaf);
        complaints = (await audit.check(entries[next]!.entry)).complaints.length;
      }
      assert.ok(complaints > 0, `entry ${at + 1}`);
    }
  });
});

function isRequest({ publicWrites }: DecodedEntry): boolean {
  return publicWrites.has(TABLES.coseHistory);
}

function isProposal({ publicWrites }: DecodedEntry): boolean {
  const bodies = publicWrites.get(TABLES.proposals)?.values() ?? [];
  return isRequest({ publicWrites } as DecodedEntry) && [...bodies].some((body) => body !== null);
}

function rowsOf(writes: WriteSet): [string, string][] {
  return [...writes].flatMap(([table, keys]) =>
    MADE.has(table) || !table.startsWith(GOVERNANCE_PREFIX)
      ? []
      : [...keys.keys()].map((key): [string, string] => [table, key]),
  );
}

/** One byte of the value, or of the key where the row is removed. */
function changeRow(writes: WriteSet, table: string, key: string, random: () => number): WriteSet {
  const keys = new Map(writes.get(table));
  const value = keys.get(key) ?? null;
  if (value !== null && value.length > 0) {
    keys.set(key, changeByte(value, random));
  } else {
    keys.delete(key);
    keys.set(changeByte(Buffer.from(key, "latin1"), random).toString("latin1"), value);
  }
  return new Map(writes).set(table, keys);
}

/** What is before the map records: header, tag, IV, length; type, version and digests. */
const BEFORE_MAPS = 44 + 1 + 8 + 32 + 32 + 8;

/** One byte of the map records; `undefined` if the entry cannot be read any more. */
function changeBytes({ raw }: RawEntry, random: () => number): LeafEntry | undefined {
  const bytes = Buffer.concat([
    raw.subarray(0, BEFORE_MAPS),
    changeByte(raw.subarray(BEFORE_MAPS), random),
  ]);
  try {
    return { entry: decodeEntry(bytes), leaf: digestEntries(bytes).leaves };
  } catch {
    return undefined;
  }
}

function changeByte(bytes: Uint8Array, random: () => number): Buffer {
  const changed = Buffer.from(bytes);
  const at = Math.floor(random() * changed.length);
  changed[at] = changed[at]! ^ (1 + Math.floor(random() * 255));
  return changed;
}

/** The same numbers each time: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
