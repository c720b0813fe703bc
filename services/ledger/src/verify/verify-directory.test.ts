// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {
  cp,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeLedgerDirectory } from "../export/write-directory.js";
import { CHECKSUMS_FILE } from "./checksums.js";
import { committedFileName, parseLedgerFileName } from "./ledger-files.js";
import { fixturePath, fixtureServiceCert } from "./testing/fixtures.js";
import { LedgerBuilder, writeText } from "./testing/ledger-builder.js";
import { verifyLedgerDirectory } from "./verify-directory.js";

const scratch = await mkdtemp(join(tmpdir(), "ledger-verify-"));
after(() => rm(scratch, { recursive: true }));
let directories = 0;

function newDirectory(): string {
  directories += 1;
  return join(scratch, String(directories));
}

/** A copy of a directory that a test may spoil. */
async function copyOf(source: string): Promise<string> {
  const directory = newDirectory();
  await cp(source, directory, { recursive: true });
  return directory;
}

async function flip(path: string, offset: number, mask = 0xff): Promise<void> {
  await using handle = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ mask;
  await handle.write(byte, 0, 1, offset);
}

describe("verifyLedgerDirectory on CCF's own ledgers", () => {
  it("agrees with CCF's reader about committed files", async () => {
    for (const [name, files, transactions, signatures, lastSigned] of [
      ["cose_flipflop_service", 2, 46, 23, "2.46"],
      ["expired_service", 7, 61, 21, "4.61"],
    ] as const) {
      const serviceCertPem = fixtureServiceCert(name);
      const report = await verifyLedgerDirectory(fixturePath(name, "ledger"), { serviceCertPem });
      assert.equal(report.fault, undefined);
      assert.equal(report.ok, true);
      assert.equal(report.files, files);
      assert.equal(report.transactions, transactions);
      assert.equal(report.signatures, signatures);
      assert.equal(report.lastSigned, lastSigned);
      assert.equal(report.unsignedTransactions, 0);
    }
  });

  it("agrees with CCF's reader about the file that was not committed", async () => {
    const report = await verifyLedgerDirectory(fixturePath("expired_service", "ledger"), {
      uncommitted: true,
    });
    assert.equal(report.ok, true);
    assert.equal(report.files, 8);
    assert.equal(report.signatures, 26);
    assert.equal(report.lastSigned, "4.74");
  });

  it("tells the identities before and after a recovery", async () => {
    const { services } = await verifyLedgerDirectory(fixturePath("expired_service", "ledger"));
    assert.deepEqual(
      services.map(({ createdAt, status }) => [createdAt, status]),
      [
        ["2.1", "Open"],
        ["4.29", "Open"],
      ],
    );
  });

  it("refuses the certificate of another service", async () => {
    const report = await verifyLedgerDirectory(fixturePath("expired_service", "ledger"), {
      serviceCertPem: fixtureServiceCert("cose_flipflop_service"),
    });
    assert.equal(report.fault?.code, "SERVICE_IDENTITY_MISMATCH");
  });

  it("names file, offset and transaction of a changed byte", async () => {
    const directory = await copyOf(fixturePath("cose_flipflop_service", "ledger"));
    const path = join(directory, "ledger_15-46.committed");
    const content = await readFile(path);
    const table = Number(content.readBigUInt64LE(0));
    const position = content.readUInt32LE(table + 4 * 4);
    await flip(path, position + 60);
    const { ok, fault } = await verifyLedgerDirectory(directory);
    assert.equal(ok, false);
    assert.equal(fault?.code, "ROOT_MISMATCH");
    assert.equal(fault.file, "ledger_15-46.committed");
    assert.equal(fault.offset, position);
    assert.equal(fault.transactionId, "2.19");
  });
});

describe("verifyLedgerDirectory", () => {
  const ledger = LedgerBuilder.create();
  let source = "";
  let names: string[] = [];

  before(async () => {
    ledger.sign();
    ledger.open();
    for (let count = 0; count < 12; count += 1) {
      ledger.append(writeText("records", `k${count}`, "v"));
      if (count % 4 === 3) ledger.sign();
    }
    source = newDirectory();
    const { files } = await writeLedgerDirectory(source, ledger.chunks(), { chunkSizeBytes: 4000 });
    names = files.map((file) => file.name);
    assert.ok(names.length >= 2);
  });

  /** The directory without its checksums, so that the format itself must tell. */
  async function bare(): Promise<string> {
    const directory = await copyOf(source);
    await rm(join(directory, CHECKSUMS_FILE));
    return directory;
  }

  const [first, second] = [(): string => names[0] ?? "", (): string => names[1] ?? ""];

  it("accepts what was exported", async () => {
    const progress: number[] = [];
    const report = await verifyLedgerDirectory(source, {
      serviceCertPem: ledger.service.certPem,
      onProgress: ({ transactions }) => progress.push(transactions),
    });
    assert.equal(report.ok, true);
    assert.equal(report.hasChecksums, true);
    assert.equal(report.transactions, ledger.lastSeqno);
    assert.equal(progress.at(-1), ledger.lastSeqno);
  });

  it("notices every flipped byte of head and positions table", async () => {
    const directory = await bare();
    for (const name of names) {
      const path = join(directory, name);
      const content = await readFile(path);
      const table = Number(content.readBigUInt64LE(0));
      const offsets = [0, 1, 2, 3, 4, 5, 6, 7];
      for (let offset = table; offset < content.length; offset += 1) offsets.push(offset);
      for (const offset of offsets) {
        for (const mask of [0xff, 1 << (offset % 8)]) {
          await flip(path, offset, mask);
          const { fault } = await verifyLedgerDirectory(directory);
          assert.equal(fault?.file, name, `byte ${offset}`);
          assert.notEqual(fault.offset, undefined);
          await flip(path, offset, mask);
        }
      }
    }
    assert.equal((await verifyLedgerDirectory(directory)).ok, true);
  });

  it("notices flipped bytes of entries in every part of a file", async () => {
    const directory = await bare();
    for (const name of names) {
      const path = join(directory, name);
      const table = Number((await readFile(path)).readBigUInt64LE(0));
      for (let offset = 8; offset < table - 2000; offset += 61) {
        await flip(path, offset);
        const { fault } = await verifyLedgerDirectory(directory);
        assert.ok(fault?.transactionId, `byte ${offset}`);
        assert.ok(
          (fault.offset ?? Infinity) <= offset || fault.code !== "ROOT_MISMATCH",
          `byte ${offset}`,
        );
        await flip(path, offset);
      }
    }
  });

  it("notices by the checksums what nothing signs yet", async () => {
    const directory = await copyOf(source);
    const name = names.at(-1) ?? "";
    const content = await readFile(join(directory, name));
    const table = Number(content.readBigUInt64LE(0));
    const lastEntry = content.readUInt32LE(content.length - 4);
    assert.ok(lastEntry < table);
    // The tag of the last signature transaction.
    await flip(join(directory, name), lastEntry + 8);
    const { fault } = await verifyLedgerDirectory(directory);
    assert.equal(fault?.code, "LEDGER_CHECKSUM_MISMATCH");
    assert.deepEqual([fault.file, fault.offset], [name, lastEntry]);
    assert.match(fault.transactionId ?? "", /^\d+\.\d+$/);
  });

  const spoiled: [what: string, spoil: (directory: string) => Promise<void>, code: string][] = [
    ["a missing first file", (at) => rm(join(at, first())), "LEDGER_FILES_NOT_CONTIGUOUS"],
    [
      "a gap between files",
      (at) => rename(join(at, second()), join(at, "ledger_99-120.committed")),
      "LEDGER_FILES_NOT_CONTIGUOUS",
    ],
    [
      "two files that overlap",
      (at) => cp(join(at, first()), join(at, "ledger_1-99.committed")),
      "LEDGER_FILES_NOT_CONTIGUOUS",
    ],
    [
      "a name that no ledger file has",
      (at) => writeFile(join(at, "ledger_x.committed"), ""),
      "LEDGER_FILE_NAME_INVALID",
    ],
    [
      "a file shorter than its head",
      (at) => truncate(join(at, first()), 7),
      "LEDGER_FILE_MALFORMED",
    ],
    [
      "a file without its last byte",
      async (at) => truncate(join(at, first()), (await readFile(join(at, first()))).length - 1),
      "LEDGER_FILE_MALFORMED",
    ],
    [
      "a file without its last position",
      async (at) => truncate(join(at, first()), (await readFile(join(at, first()))).length - 4),
      "LEDGER_FILE_MALFORMED",
    ],
    [
      "a committed file without positions",
      (at) => overwrite(join(at, first()), 0, Buffer.alloc(8)),
      "LEDGER_FILE_MALFORMED",
    ],
    [
      "an empty directory",
      async (at) => {
        for (const name of names) await rm(join(at, name));
      },
      "LEDGER_EMPTY",
    ],
    [
      "entries of another ledger",
      async (at) => {
        await writeOther(join(at, second()));
      },
      "LEDGER_FILE_MALFORMED",
    ],
  ];
  for (const [what, spoil, code] of spoiled) {
    it(`refuses ${what}`, async () => {
      const directory = await bare();
      await spoil(directory);
      const { ok, fault } = await verifyLedgerDirectory(directory);
      assert.equal(ok, false);
      assert.equal(fault?.code, code, fault?.message);
    });
  }

  it("refuses a committed file that does not end with a signature", async () => {
    const unsigned = LedgerBuilder.create();
    unsigned.sign();
    unsigned.append(writeText("records", "k", "v"));
    const directory = newDirectory();
    await writeLedgerDirectory(directory, [unsigned.bytes()]);
    const entries = Buffer.from(unsigned.bytes());
    const positions = [8, 8 + (unsigned.entries[0]?.bytes.length ?? 0)];
    positions.push((positions[1] ?? 0) + (unsigned.entries[1]?.bytes.length ?? 0));
    const table = Buffer.alloc(12);
    positions.forEach((position, index) => table.writeUInt32LE(position, index * 4));
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(8 + entries.length));
    await rm(join(directory, CHECKSUMS_FILE));
    await rm(join(directory, "ledger_1-2.committed"));
    await writeFile(join(directory, "ledger_1-3.committed"), Buffer.concat([head, entries, table]));
    const { fault } = await verifyLedgerDirectory(directory);
    assert.equal(fault?.code, "LEDGER_FILE_NOT_SIGNED");
  });

  it("reads the file that was being written, up to the entry that is cut off", async () => {
    const directory = await bare();
    const last = parseLedgerFileName(names.at(-1) ?? "") ?? assert.fail();
    const content = await readFile(join(directory, last.name));
    const table = Number(content.readBigUInt64LE(0));
    await rm(join(directory, last.name));
    const growing = Buffer.concat([
      Buffer.alloc(8),
      content.subarray(8, table),
      content.subarray(8, 40),
    ]);
    await writeFile(join(directory, `ledger_${last.firstSeqno}`), growing);
    assert.equal((await verifyLedgerDirectory(directory)).transactions, last.firstSeqno - 1);
    const report = await verifyLedgerDirectory(directory, { uncommitted: true });
    assert.equal(report.fault, undefined);
    assert.equal(report.transactions, ledger.lastSeqno);
    assert.equal(report.incompleteBytes, 32);
  });

  it("passes over ignored files, and over files of a recovery unless asked", async () => {
    const directory = await bare();
    const last = names.at(-1) ?? "";
    await writeFile(join(directory, "ledger_900-950.committed.ignored"), "rubbish");
    await rename(join(directory, last), join(directory, `${last}.recovery`));
    const without = await verifyLedgerDirectory(directory);
    assert.equal(without.ok, true);
    assert.equal(without.files, names.length - 1);
    const { ok, files } = await verifyLedgerDirectory(directory, { recovery: true });
    assert.deepEqual([ok, files], [true, names.length]);
  });

  it("refuses files that are not on the list of checksums, and a list with files that are not there", async () => {
    const list = await readFile(join(source, CHECKSUMS_FILE), "utf8");
    for (const text of [
      "",
      `${list}${"00".repeat(32)}  ledger_500-501.committed\n`,
      "rubbish\n",
      list + list,
    ]) {
      const directory = await copyOf(source);
      await writeFile(join(directory, CHECKSUMS_FILE), text);
      assert.equal(
        (await verifyLedgerDirectory(directory)).fault?.code,
        "LEDGER_CHECKSUM_MISMATCH",
      );
    }
  });

  it("throws what keeps it from reading at all", async () => {
    await assert.rejects(verifyLedgerDirectory(join(scratch, "nowhere")), { code: "ENOENT" });
    const aborted = AbortSignal.abort(new Error("enough"));
    await assert.rejects(verifyLedgerDirectory(source, { signal: aborted }), { message: "enough" });
    await assert.rejects(verifyLedgerDirectory(source, { serviceCertPem: "x" }), {
      code: "KEY_UNREADABLE",
    });
    assert.ok((await readdir(source)).length > 0);
  });
});

async function overwrite(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  await using handle = await open(path, "r+");
  await handle.write(bytes, 0, bytes.length, offset);
}

async function writeOther(path: string): Promise<void> {
  using other = LedgerBuilder.create();
  other.sign();
  await writeFile(path, Buffer.concat([Buffer.alloc(8), other.bytes()]));
}

describe("ledger file names", () => {
  it("say what the file holds", () => {
    assert.deepEqual(parseLedgerFileName("ledger_1-14.committed"), {
      name: "ledger_1-14.committed",
      firstSeqno: 1,
      lastSeqno: 14,
      isCommitted: true,
      isRecovery: false,
    });
    assert.equal(parseLedgerFileName("ledger_485")?.isCommitted, false);
    assert.equal(parseLedgerFileName("ledger_485.recovery")?.isRecovery, true);
    assert.equal(parseLedgerFileName("ledger_485-490.committed.recovery")?.lastSeqno, 490);
    assert.equal(committedFileName(1, 14), "ledger_1-14.committed");
  });

  for (const name of [
    "ledger_",
    "ledger_0-3.committed",
    "ledger_5-4.committed",
    "ledger_5.committed",
    "ledger_1-2.committed.x",
    "ledger_01-2.committed",
    "ledger_1-2-3",
    "Ledger_1",
  ]) {
    it(`are not ${name}`, () => assert.equal(parseLedgerFileName(name), undefined));
  }
});
