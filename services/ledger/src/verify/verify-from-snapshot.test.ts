// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { EntryFlag } from "../entry/layout.js";
import { writeLedgerDirectory } from "../export/write-directory.js";
import { buildSnapshot } from "../snapshot/testing/index.js";
import { fixturePath, fixtureServiceCert } from "./testing/fixtures.js";
import { createTestService } from "./testing/identities.js";
import { LedgerBuilder, writeText } from "./testing/ledger-builder.js";
import { verifyLedgerDirectory } from "./verify-directory.js";

const scratch = await mkdtemp(join(tmpdir(), "ledger-snapshot-"));
after(() => rm(scratch, { recursive: true }));
let directories = 0;

interface Written {
  readonly ledger: LedgerBuilder;
  readonly directory: string;
  readonly snapshot: string;
  readonly seqno: number;
}

interface WriteOptions {
  /** As a snapshot does, the file ends with it. */
  readonly endsFile?: boolean;
  readonly recovers?: boolean;
}

/** A ledger directory and a snapshot from its middle, with its evidence some transactions later. */
async function write(options: WriteOptions = {}): Promise<Written> {
  const ledger = LedgerBuilder.create();
  ledger.sign();
  ledger.open();
  ledger.sign({ flags: EntryFlag.chunkAfter });
  ledger.append(writeText("records", "a", "1"));
  ledger.sign(options.endsFile === false ? {} : { flags: EntryFlag.chunkAfter });
  const seqno = ledger.lastSeqno;
  const { bytes, finished } = await buildSnapshot(ledger, {
    between: () => ledger.append(writeText("records", "b", "2")),
  });
  if (options.recovers === true) {
    ledger.recover();
    ledger.sign();
  }
  directories += 1;
  const directory = join(scratch, String(directories));
  await writeLedgerDirectory(directory, ledger.chunks());
  await mkdir(join(directory, "snapshots"));
  const snapshot = join(directory, "snapshots", finished.name);
  await writeFile(snapshot, bytes);
  return { ledger, directory, snapshot, seqno };
}

describe("verifyLedgerDirectory from a snapshot", () => {
  it("verifies what follows a snapshot of CCF", async () => {
    const snapshot = fixturePath("expired_service", "snapshot_61_62.committed");
    const options = { serviceCertPem: fixtureServiceCert("expired_service"), snapshot };
    const directory = fixturePath("expired_service", "ledger");
    const report = await verifyLedgerDirectory(directory, { ...options, uncommitted: true });
    assert.equal(report.fault, undefined);
    assert.equal(report.files, 1);
    assert.equal(report.transactions, 13);
    assert.equal(report.signatures, 5);
    assert.equal(report.lastSigned, "4.74");
    const facts = { file: "snapshot_61_62.committed", seqno: 61, evidence: "4.62" };
    assert.deepEqual(report.snapshot, { ...facts, hasEvidence: true });
    // Of what is committed the snapshot is the end, so its receipt is all there is.
    const committed = await verifyLedgerDirectory(directory, options);
    assert.equal(committed.fault, undefined);
    assert.deepEqual(committed.snapshot, { ...facts, hasEvidence: false });
    assert.deepEqual([committed.transactions, committed.lastSigned], [0, "4.61"]);
  });

  it("does not need what was before", async () => {
    const { ledger, directory, snapshot, seqno } = await write();
    for (const name of await readdir(directory)) {
      if (/^ledger_[15]-/.test(name)) await rm(join(directory, name));
    }
    const { certPem: serviceCertPem } = ledger.service;
    const report = await verifyLedgerDirectory(directory, { snapshot, serviceCertPem });
    assert.equal(report.fault, undefined);
    assert.equal(report.hasChecksums, true);
    assert.equal(report.transactions, ledger.lastSeqno - seqno);
    assert.equal(report.snapshot?.hasEvidence, true);
    assert.deepEqual(
      report.services.map(({ status }) => status),
      ["Open"],
    );
    const whole = await verifyLedgerDirectory(directory);
    assert.equal(whole.fault?.code, "LEDGER_FILES_NOT_CONTIGUOUS");
  });

  it("begins in the middle of a file", async () => {
    const { ledger, directory, snapshot, seqno } = await write({ endsFile: false });
    const committed = await verifyLedgerDirectory(directory, { snapshot });
    assert.equal(committed.fault, undefined);
    assert.equal(committed.files, 1);
    assert.equal(committed.transactions, ledger.lastSeqno - seqno);
    // The same as a file that grows, which has no table of positions.
    const name = (await readdir(directory)).find((file) => file.startsWith("ledger_5-")) ?? "";
    const content = await readFile(join(directory, name));
    const end = Number(content.readBigUInt64LE(0));
    content.fill(0, 0, 8);
    await writeFile(join(directory, "ledger_5"), content.subarray(0, end));
    await rm(join(directory, name));
    await rm(join(directory, "SHA256SUMS.ignored"));
    const growing = await verifyLedgerDirectory(directory, { snapshot, uncommitted: true });
    assert.equal(growing.fault, undefined);
    assert.equal(growing.transactions, ledger.lastSeqno - seqno);
  });

  it("follows a recovery to the service that is expected", async () => {
    const { ledger, directory, snapshot } = await write({ recovers: true });
    const { certPem: serviceCertPem } = ledger.service;
    const report = await verifyLedgerDirectory(directory, { snapshot, serviceCertPem });
    assert.equal(report.fault, undefined);
    assert.equal(report.services.length, 2);
  });

  const faults: [what: string, spoil: (written: Written) => Promise<unknown>, code: string][] = [
    [
      "a snapshot that was changed",
      async ({ snapshot }) => {
        const bytes = await readFile(snapshot);
        bytes[300] = (bytes[300] ?? 0) ^ 1;
        await writeFile(snapshot, bytes);
      },
      "SNAPSHOT_DIGEST_MISMATCH",
    ],
    ["a snapshot that is empty", ({ snapshot }) => writeFile(snapshot, ""), "SNAPSHOT_MALFORMED"],
    [
      "nothing right after the snapshot",
      async ({ directory, ledger }) => {
        const [first] = (await readdir(directory)).filter((name) => name.startsWith("ledger_7"));
        await rm(join(directory, first ?? ""));
        const later = join(scratch, `later${(directories += 1)}`);
        ledger.sign({ flags: EntryFlag.chunkAfter });
        ledger.sign();
        await rm(join(directory, "SHA256SUMS.ignored"));
        const { files } = await writeLedgerDirectory(later, ledger.chunks());
        const last = files.at(-1)?.name ?? "";
        await writeFile(join(directory, last), await readFile(join(later, last)));
      },
      "LEDGER_FILES_NOT_CONTIGUOUS",
    ],
  ];
  for (const [what, spoil, code] of faults) {
    it(`finds ${what}`, async () => {
      const written = await write();
      await spoil(written);
      const report = await verifyLedgerDirectory(written.directory, {
        snapshot: written.snapshot,
      });
      assert.equal(report.fault?.code, code);
      if (code.startsWith("SNAPSHOT")) {
        assert.equal(report.fault?.file, "snapshot_6_8.committed");
      }
    });
  }

  it("finds that the snapshot is of another ledger", async () => {
    const one = await write();
    const other = await write();
    const options = { snapshot: other.snapshot };
    const mixed = await verifyLedgerDirectory(one.directory, options);
    assert.equal(mixed.fault?.code, "SNAPSHOT_EVIDENCE_MISMATCH");
    const { certPem: serviceCertPem } = createTestService("Secp256R1");
    const strange = await verifyLedgerDirectory(other.directory, { ...options, serviceCertPem });
    assert.equal(strange.fault?.code, "SERVICE_IDENTITY_MISMATCH");
  });

  it("is told by the name of the snapshot which one it is", async () => {
    const { directory, snapshot } = await write();
    const renamed = join(directory, "snapshots", "snapshot_6_9.committed");
    await writeFile(renamed, await readFile(snapshot));
    const report = await verifyLedgerDirectory(directory, { snapshot: renamed });
    assert.equal(report.fault?.code, "SNAPSHOT_POSITION_MISMATCH");
  });
});
