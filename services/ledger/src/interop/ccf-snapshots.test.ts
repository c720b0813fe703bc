// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { buildSnapshot } from "../snapshot/testing/index.js";
import { LedgerBuilder, mergeWrites, writeText } from "../verify/testing/ledger-builder.js";
import { runAuditor } from "./auditor.js";

const scratch = await mkdtemp(join(tmpdir(), "snapshot-interop-"));
after(() => rm(scratch, { recursive: true }));

/** A state with what a reader must get right: lengths around the padding, an empty map, removed keys. */
function someLedger(): LedgerBuilder {
  const ledger = LedgerBuilder.create({ curve: "Secp384R1" });
  ledger.sign();
  ledger.open();
  ledger.sign();
  for (let length = 0; length <= 17; length += 1) {
    ledger.append(
      mergeWrites(
        writeText("public:records", `k${"x".repeat(length)}`, "v".repeat(length)),
        writeText("records", `private${length}`, "secret"),
      ),
    );
  }
  ledger.append(writeText("public:records", "k", null));
  ledger.append(writeText("public:emptied", "k", "v"));
  ledger.append(writeText("public:emptied", "k", null));
  ledger.sign();
  ledger.view += 3;
  ledger.sign();
  return ledger;
}

function readSnapshot(path: string): Promise<string> {
  return runAuditor("python", "-m", "ccf.read_ledger", "--snapshot", path);
}

describe("CCF's reader", () => {
  for (const receipt of ["cose", "json"] as const) {
    it(`accepts our snapshot with a ${receipt} receipt, and reads every value`, async () => {
      using ledger = someLedger();
      const { bytes, finished, kv } = await buildSnapshot(ledger, { receipt });
      const path = join(scratch, finished.name);
      await writeFile(path, bytes);
      const output = await readSnapshot(path);
      const names = kv.committed.mapNames().filter((name) => name.startsWith("public:"));
      assert.ok(output.includes("(committed)"), output);
      assert.ok(
        output.includes(`txid 0.${finished.seqno} (${names.length} public tables)`),
        output,
      );
      assert.ok(output.includes('"public:records" (17 writes)'), output);
      assert.ok(output.includes('"public:emptied" (0 writes)'), output);
      for (let length = 1; length <= 17; length += 1) {
        const [key, value] = [`k${"x".repeat(length)}`, "v".repeat(length)];
        assert.match(output, new RegExp(`b'${key}':\\s+b'${value}'\\n`));
      }
    });

    it(`refuses our snapshot with a ${receipt} receipt when a byte of it is another`, async () => {
      using ledger = someLedger();
      const { bytes, finished, draft } = await buildSnapshot(ledger, { receipt });
      const path = join(scratch, finished.name);
      // Of a JSON receipt CCF's reader does not look at every part.
      const inReceipt = receipt === "cose" ? [draft.byteLength + 200] : [];
      for (const at of [100, draft.byteLength - 1, ...inReceipt]) {
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ 1;
        await writeFile(path, altered);
        await assert.rejects(readSnapshot(path), `at ${at}`);
      }
    });
  }
});
