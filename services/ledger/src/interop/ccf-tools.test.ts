// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { EntryFlag } from "../entry/layout.js";
import { writeLedgerDirectory } from "../export/write-directory.js";
import { buildCoseReceipt } from "../receipt/build-cose-receipt.js";
import { buildReceipt, type ReceiptSource } from "../receipt/build-receipt.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { verifyLedgerDirectory } from "../verify/verify-directory.js";
import { runAuditor, scriptPath } from "./auditor.js";

const scratch = await mkdtemp(join(tmpdir(), "ledger-interop-"));
after(() => rm(scratch, { recursive: true }));

/** A ledger with everything a verifier must understand: openings, nodes, views, a recovery. */
function buildLedger(options: Parameters<typeof LedgerBuilder.create>[0]): LedgerBuilder {
  const ledger = LedgerBuilder.create({ curve: "Secp384R1", ...options });
  ledger.sign();
  ledger.open();
  ledger.sign({ flags: EntryFlag.chunkAfter });
  const second = ledger.createNode();
  ledger.append(ledger.nodeWrites(second, { status: "Trusted" }));
  for (let count = 0; count < 20; count += 1) {
    ledger.append(writeText(count % 2 === 0 ? "records" : "public:records", `k${count}`, "v"));
    if (count % 7 === 6) ledger.sign();
  }
  ledger.append(writeText("public:records", "k1", null));
  ledger.sign();
  ledger.view += 1;
  ledger.sign({}, { node: second });
  ledger.recover();
  ledger.sign();
  ledger.append(ledger.statusWrites("WaitingForRecoveryShares"));
  ledger.open();
  ledger.append(writeText("records", "late", "v"), { claimsDigest: new Uint8Array(32).fill(9) });
  ledger.sign();
  return ledger;
}

describe("CCF's own tools", () => {
  for (const [what, options] of [
    ["signed by nodes and service", {}],
    ["signed by nodes only", { serviceSignatures: false }],
    ["signed by the service only", { nodeSignatures: false }],
  ] as const) {
    it(`verify in full an exported ledger ${what}`, async () => {
      using ledger = buildLedger(options);
      const directory = join(scratch, what);
      await writeLedgerDirectory(directory, ledger.chunks(), { chunkSizeBytes: 6000 });
      const report = await verifyLedgerDirectory(directory);
      assert.equal(report.fault, undefined);
      for (const flags of [[], ["--uncommitted"]]) {
        const output = await runAuditor(
          "python",
          "-m",
          "ccf.read_ledger",
          "--quiet",
          ...flags,
          directory,
        );
        const { transactions, signatures, lastSigned } = report;
        const verdict = `Verified FULL - ${transactions} transactions, ${signatures} signatures, until ${lastSigned}`;
        assert.ok(output.includes(verdict), output);
      }
    });
  }

  it("refuse what our verifier refuses", async () => {
    using ledger = buildLedger({});
    const directory = join(scratch, "altered");
    const { files } = await writeLedgerDirectory(directory, ledger.chunks());
    const path = join(directory, files[0]?.name ?? "");
    const content = await readFile(path);
    // A byte of the second transaction's tag.
    const offset = content.readUInt32LE(Number(content.readBigUInt64LE(0)) + 4) + 9;
    content[offset] = (content[offset] ?? 0) ^ 1;
    await writeFile(path, content);
    assert.equal((await verifyLedgerDirectory(directory)).fault?.code, "ROOT_MISMATCH");
    await assert.rejects(runAuditor("python", "-m", "ccf.read_ledger", "--quiet", directory));
  });

  it("split an exported file, and ours verifies the parts", async () => {
    using ledger = buildLedger({});
    const directory = join(scratch, "whole");
    const { files } = await writeLedgerDirectory(directory, ledger.chunks());
    const [, file] = files;
    assert.ok(file);
    const at = ledger.entries.find((entry) => entry.isSignature && entry.seqno > file.firstSeqno);
    const parts = join(scratch, "parts");
    const split = "from ccf.split_ledger import main; main()";
    await runAuditor(
      "python",
      "-c",
      split,
      join(directory, file.name),
      String(at?.seqno),
      "--output-dir",
      parts,
    );
    await rm(join(directory, file.name));
    await rm(join(directory, "SHA256SUMS.ignored"));
    for (const name of [
      `ledger_${file.firstSeqno}-${at?.seqno}.committed`,
      `ledger_${(at?.seqno ?? 0) + 1}-${file.lastSeqno}.committed`,
    ]) {
      await writeFile(join(directory, name), await readFile(join(parts, name)));
    }
    const report = await verifyLedgerDirectory(directory);
    assert.equal(report.fault, undefined);
    assert.equal(report.files, files.length + 1);
  });
});

describe("CCF's Python package", () => {
  const ledger = buildLedger({});
  const certPath = join(scratch, "service_cert.pem");
  const firstOfService =
    Number(ledger.entries.findLast((one) => one.view < ledger.view)?.seqno) + 1;

  before(() => writeFile(certPath, ledger.service.certPem));

  function source(seqno: number): ReceiptSource {
    const entry = ledger.entries[seqno - 1];
    const covering = ledger.entries.find(
      (one) => one.isSignature && (one.seqno > seqno || one === entry),
    );
    assert.ok(entry && covering);
    return {
      entry: entry.bytes,
      signatureEntry: covering.bytes,
      commitEvidence: ledger.commitEvidence(seqno),
    };
  }

  it("verifies our JSON receipts, certificate chain included", async () => {
    const paths: string[] = [];
    const expected: string[] = [];
    for (const { seqno, isSignature, transactionId } of ledger.entries.slice(firstOfService - 1)) {
      const path = join(scratch, `${seqno}.json`);
      await writeFile(path, JSON.stringify(buildReceipt(source(seqno))));
      paths.push(path);
      expected.push(`${seqno}.json ${isSignature ? "signature" : transactionId}`);
    }
    const output = await runAuditor("python", scriptPath("verify_receipts.py"), certPath, ...paths);
    assert.deepEqual(output.trim().split("\n"), expected);
  });

  it("verifies our COSE receipts", async () => {
    const paths: string[] = [];
    const expected: string[] = [];
    for (const { seqno, isSignature, transactionId } of ledger.entries.slice(firstOfService - 1)) {
      if (isSignature) continue;
      const path = join(scratch, `${seqno}.cose`);
      await writeFile(path, buildCoseReceipt(source(seqno)));
      paths.push(path);
      expected.push(`${seqno}.cose ${transactionId}`);
    }
    const output = await runAuditor("python", scriptPath("verify_receipts.py"), certPath, ...paths);
    assert.deepEqual(output.trim().split("\n"), expected);
  });

  it("refuses an altered receipt of either kind", async () => {
    const seqno = ledger.lastSeqno - 1;
    const json = buildReceipt(source(seqno));
    const altered = { ...json, proof: json.proof.slice(1) };
    await writeFile(join(scratch, "altered.json"), JSON.stringify(altered));
    const cose = Uint8Array.from(buildCoseReceipt(source(seqno)));
    cose[cose.length - 1] = (cose[cose.length - 1] ?? 0) ^ 1;
    await writeFile(join(scratch, "altered.cose"), cose);
    for (const name of ["altered.json", "altered.cose"]) {
      const script = scriptPath("verify_receipts.py");
      await assert.rejects(runAuditor("python", script, certPath, join(scratch, name)));
    }
  });
});
