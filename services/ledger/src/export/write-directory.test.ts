// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { EntryFlag } from "../entry/layout.js";
import { CHECKSUMS_FILE, fileDigest } from "../verify/checksums.js";
import { fixtureEntries, fixturePath } from "../verify/testing/fixtures.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { verifyLedgerDirectory } from "../verify/verify-directory.js";
import { writeLedgerDirectory } from "./write-directory.js";

const scratch = await mkdtemp(join(tmpdir(), "ledger-export-"));
after(() => rm(scratch, { recursive: true }));
let directories = 0;

function newDirectory(): string {
  directories += 1;
  return join(scratch, String(directories));
}

function names(files: readonly { name: string }[]): string[] {
  return files.map((file) => file.name);
}

describe("writeLedgerDirectory", () => {
  it("writes CCF's own ledger to the same files", async () => {
    const directory = newDirectory();
    const chunks = fixtureEntries("cose_flipflop_service").map((entry) => entry.bytes);
    const { files, lastSeqno } = await writeLedgerDirectory(directory, chunks);
    assert.equal(lastSeqno, 46);
    assert.deepEqual(names(files), ["ledger_1-14.committed", "ledger_15-46.committed"]);
    for (const { name, bytes } of files) {
      const theirs = await readFile(fixturePath("cose_flipflop_service", `ledger/${name}`));
      assert.equal(bytes, theirs.length);
      assert.ok(theirs.equals(await readFile(join(directory, name))), name);
    }
  });

  it("ends a file at the first signature after its size, and at no other", async () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    for (let count = 0; count < 9; count += 1) {
      ledger.append(writeText("records", "k", "x".repeat(1000)));
      if (count % 3 === 2) ledger.sign();
    }
    const directory = newDirectory();
    const chunkSizeBytes = 5000;
    const { files } = await writeLedgerDirectory(directory, ledger.chunks(), { chunkSizeBytes });
    assert.ok(files.length >= 2);
    for (const { firstSeqno, lastSeqno } of files.slice(0, -1)) {
      const entries = ledger.entries.slice(firstSeqno - 1, lastSeqno);
      const sizeOf = (some: typeof entries): number =>
        some.reduce((sum, one) => sum + one.bytes.length, 0);
      const signatures = entries.filter((entry) => entry.isSignature);
      assert.equal(signatures.at(-1)?.seqno, lastSeqno);
      assert.ok(sizeOf(entries) >= chunkSizeBytes);
      const before = signatures.at(-2)?.seqno ?? firstSeqno - 1;
      assert.ok(sizeOf(entries.slice(0, before - firstSeqno + 1)) < chunkSizeBytes);
    }
    assert.equal((await verifyLedgerDirectory(directory)).ok, true);
  });

  it("ends a file after an entry and begins one before an entry where flags say so", async () => {
    const ledger = LedgerBuilder.create();
    ledger.sign({ flags: EntryFlag.chunkAfter });
    ledger.append(writeText("records", "k", "v"));
    ledger.sign();
    ledger.recover();
    ledger.sign();
    const directory = newDirectory();
    const { files } = await writeLedgerDirectory(directory, [ledger.bytes()]);
    assert.deepEqual(names(files), [
      "ledger_1-2.committed",
      "ledger_3-4.committed",
      "ledger_5-6.committed",
    ]);
    assert.equal((await verifyLedgerDirectory(directory)).ok, true);
  });

  it("ends the last file with the last signature and says what it left out", async () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    ledger.append(writeText("records", "k", "v"));
    ledger.append(writeText("records", "l", "v"));
    const directory = newDirectory();
    const written = await writeLedgerDirectory(directory, [ledger.bytes()]);
    assert.equal(written.unsignedEntries, 2);
    assert.equal(written.lastSeqno, 2);
    assert.deepEqual((await readdir(directory)).sort(), [CHECKSUMS_FILE, "ledger_1-2.committed"]);
    assert.equal((await verifyLedgerDirectory(directory)).transactions, 2);
  });

  it("lists the checksums as sha256sum does", async () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    const directory = newDirectory();
    const { files } = await writeLedgerDirectory(directory, [ledger.bytes()]);
    const digest = await fileDigest(join(directory, "ledger_1-2.committed"));
    assert.equal(files[0]?.sha256, digest);
    const list = await readFile(join(directory, CHECKSUMS_FILE), "utf8");
    assert.equal(list, `${digest}  ledger_1-2.committed\n`);
  });

  it("writes ledgers larger than its buffer", async () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    for (let count = 0; count < 4; count += 1) {
      ledger.append(writeText("records", "k", "x".repeat(700_000)));
    }
    ledger.sign();
    const directory = newDirectory();
    const seqnos: number[] = [];
    const onProgress = (seqno: number): void => void seqnos.push(seqno);
    await writeLedgerDirectory(directory, ledger.chunks(), { onProgress });
    assert.deepEqual(seqnos, [2, 7]);
    const report = await verifyLedgerDirectory(directory);
    assert.equal(report.fault, undefined);
    assert.equal(report.transactions, 7);
  });

  it("mixes with nothing that is there already", async () => {
    const directory = newDirectory();
    const ledger = LedgerBuilder.create();
    ledger.sign();
    await writeLedgerDirectory(directory, ledger.chunks());
    await assert.rejects(writeLedgerDirectory(directory, ledger.chunks()), {
      code: "EXPORT_DIRECTORY_NOT_EMPTY",
    });
    await writeFile(join(directory, "other"), "");
  });

  it("refuses chunks that do not follow each other, and leaves no half file", async () => {
    const ledger = LedgerBuilder.create();
    ledger.sign();
    ledger.append(writeText("records", "k", "v"));
    ledger.sign();
    const directory = newDirectory();
    const [first, second] = ledger.chunks();
    assert.ok(first && second);
    await assert.rejects(writeLedgerDirectory(directory, [first, first]), {
      code: "EXPORT_NOT_CONTIGUOUS",
    });
    assert.deepEqual(await readdir(directory), []);
    await assert.rejects(writeLedgerDirectory(directory, [second]), {
      code: "EXPORT_NOT_CONTIGUOUS",
    });
    await assert.rejects(writeLedgerDirectory(directory, [Uint8Array.of(9)]), {
      code: "ENTRY_TRUNCATED",
    });
  });

  it("refuses a ledger that nobody signed", async () => {
    const ledger = LedgerBuilder.create();
    const directory = newDirectory();
    await assert.rejects(writeLedgerDirectory(directory, ledger.chunks()), {
      code: "EXPORT_EMPTY",
    });
    await assert.rejects(writeLedgerDirectory(directory, []), { code: "EXPORT_EMPTY" });
    assert.deepEqual(await readdir(directory), []);
  });
});
