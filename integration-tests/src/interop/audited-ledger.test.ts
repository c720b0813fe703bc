// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { verifyLedgerDirectory } from "@consortium/ledger/offline";
import { Consortium } from "../harness/consortium.js";
import { exportLedger, liveFully, type Proven } from "../harness/full-life.js";
import { judge, requireCcf, type Tools } from "../harness/tools.js";
import { LEDGER_FIXTURES } from "../harness/workspace.js";

/* CCF's own auditor on our ledger and receipts, and our verifier on CCF's ledgers. */

let ccf: Tools;
let consortium: Consortium;
let proven: Proven[];

before(async () => {
  ccf = await requireCcf();
  consortium = await Consortium.start();
  proven = await liveFully(consortium);
});
after(() => consortium?.[Symbol.asyncDispose]());

suite("CCF's own tools", () => {
  test("read_ledger verifies a ledger of a full life, to its last transaction", async () => {
    const directory = await exportLedger(consortium);
    using node = consortium.nodeClient();
    const { transactionId } = await node.getCommit({ groupId: 0, viewHistory: false });
    const printed = await readLedger(directory);
    const seqno = transactionId.split(".")[1];
    assert.match(printed, new RegExp(`\\b${seqno} transactions`));
    assert.match(printed, new RegExp(`${transactionId.replace(".", "\\.")}(?!\\d)`));
  });

  test("read_ledger refuses the same ledger after one bit was changed", async () => {
    const directory = await exportLedger(consortium, "forged");
    const [file = ""] = globSync(join(directory, "*.committed"));
    const bytes = await readFile(file);
    bytes[bytes.length - 3000]! ^= 1;
    await writeFile(file, bytes);
    const { exitCode } = await ccf.run(["python", "-m", "ccf.read_ledger", "--quiet", directory]);
    assert.notEqual(exitCode, 0);
  });

  test("accept our receipts, of every view and with claims", async () => {
    using node = consortium.nodeClient();
    for (const [index, { transactionId, claimsDigest }] of proven.entries()) {
      const folder = join(consortium.folder, `receipt-${index}`);
      await mkdir(folder);
      const answer = await node.getReceipt({ groupId: 0, transactionId });
      await writeFile(join(folder, "service_cert.pem"), consortium.serviceCertificate);
      await writeFile(join(folder, "receipt.json"), answer.receiptJson);
      assert.ok(answer.receiptCose.length > 0);
      await writeFile(join(folder, "receipt.cose"), answer.receiptCose);
      const digest = Buffer.from(claimsDigest).toString("hex");
      const command = ["python", judge("verify_receipt.py"), folder, digest];
      assert.equal((await ccf.output(command)).toString().trim(), "verified");
      const other = ["python", judge("verify_receipt.py"), folder, "11".repeat(32)];
      assert.notEqual((await ccf.run(other)).exitCode, 0);
    }
  });
});

suite("Our verifier", () => {
  const ledgers = process.env["CCF_LEDGERS"] ?? LEDGER_FIXTURES;
  for (const [name, transactions, signatures] of [
    ["cose_flipflop_service", 46, 23],
    ["expired_service", 61, 21],
  ] as const) {
    test(`verifies CCF's ledger ${name}, and agrees with read_ledger`, async () => {
      const folder = join(ledgers, name);
      const certificate = await readFile(join(folder, "certificates", "service_cert.pem"), "utf8");
      const report = await verifyLedgerDirectory(join(folder, "ledger"), {
        serviceCertPem: certificate,
      });
      assert.equal(report.fault, undefined);
      const printed = await readLedger(join(folder, "ledger"));
      assert.match(printed, new RegExp(`${transactions} transactions`));
      assert.match(printed, new RegExp(`${signatures} signatures`));
      assert.equal(Number(report.transactions) - Number(report.unsignedTransactions), transactions);
    });
  }
});

async function readLedger(directory: string): Promise<string> {
  const level = ["--verification-level", "FULL"];
  const command = ["python", "-m", "ccf.read_ledger", "--quiet", ...level, directory];
  return (await ccf.output(command)).toString();
}
