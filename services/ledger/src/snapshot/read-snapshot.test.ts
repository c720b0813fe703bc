// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { createTestService } from "../verify/testing/identities.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { readSnapshot, type ReadSnapshotOptions } from "./read-snapshot.js";
import { buildSnapshot, giveEvidence } from "./testing/index.js";

const ledger = LedgerBuilder.create();
ledger.append(writeText("records", "secret", "value"));
ledger.sign();
const { bytes, draft, finished } = await buildSnapshot(ledger);
const body = Buffer.concat(draft.parts);
const { certPem } = ledger.service;
const trusting: ReadSnapshotOptions = { serviceCertPem: undefined };
const known: ReadSnapshotOptions = {
  serviceCertPem: certPem,
  secretOf: () => ledger.rawSecret,
};
const strict: ReadSnapshotOptions = { ...known, expected: finished };

/** The snapshot as the service itself would sign it, with something changed. */
function signed(change: (body: Buffer) => void | Buffer): Uint8Array {
  const copy = Buffer.from(body);
  const changed = change(copy) ?? copy;
  const digest = createHash("sha256").update(changed).digest();
  const { seqno } = draft;
  const { parts } = giveEvidence(ledger, { seqno, digest, parts: [changed], byteLength: 0 });
  return Buffer.concat(parts);
}

const u64 = (at: number, value: bigint) => (copy: Buffer) =>
  void copy.writeBigInt64LE(BigInt.asIntN(64, value), at);
const PUBLIC_LENGTH = Number(body.readBigUInt64LE(36));

describe("reading a snapshot", () => {
  it("accepts it from the service that is expected, and from one that nobody knows", async () => {
    await readSnapshot(bytes, strict);
    await readSnapshot(bytes, trusting);
  });

  it("does not change the bytes and keeps none of them", async () => {
    const copy = Buffer.from(bytes);
    const { kv } = await readSnapshot(copy, strict);
    assert.deepEqual(copy, Buffer.from(bytes));
    copy.fill(0);
    assert.equal(
      Buffer.from(kv.committed.get("records", "secret")?.value ?? []).toString(),
      "value",
    );
  });

  it("finds any byte that is another", async () => {
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of at < 200 ? [0x01, 0x80] : [1 << (at % 8)]) {
        const altered = Uint8Array.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ bit;
        await assert.rejects(readSnapshot(altered, strict), isAppError, `at ${at}`);
      }
    }
  });

  it("finds any byte that is another without knowing the service", async () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 0x04;
      await assert.rejects(readSnapshot(altered, trusting), isAppError, `at ${at}`);
    }
  });

  it("finds that it is cut off, or continued", async () => {
    for (let end = 0; end < bytes.length; end += end < 200 ? 1 : 37) {
      await assert.rejects(readSnapshot(bytes.subarray(0, end), strict), isAppError);
    }
    await assert.rejects(readSnapshot(Buffer.concat([bytes, Buffer.alloc(1)]), strict), {
      code: "SNAPSHOT_RECEIPT_INVALID",
    });
    await assert.rejects(readSnapshot(body, strict), { code: "SNAPSHOT_RECEIPT_MISSING" });
  });

  const malformed: [what: string, change: (body: Buffer) => void | Buffer][] = [
    ["another version", (copy) => void (copy[0] = 2)],
    ["flags", (copy) => void (copy[1] = 1)],
    ["the IV of an entry", (copy) => void copy.writeUInt32LE(2, 32)],
    ["a view in its IV", (copy) => void copy.writeUInt32LE(0x8000_0002, 32)],
    ["seqno 0", u64(24, 0n)],
    ["a seqno out of range", u64(24, -1n)],
    ["another seqno inside than outside", u64(45, 9n)],
    ["a public part that is longer than all", u64(36, BigInt(body.length))],
    ["a public part of no sensible length", u64(36, -1n)],
    ["a public part that is too short", u64(36, 16n)],
    ["another entry type", (copy) => void (copy[44] = 4)],
    ["a leaf of another size", u64(61, 31n)],
    ["a leaf that is longer than all", u64(61, 2n ** 40n)],
    ["no view history", u64(101, 0n)],
    ["a view history that ends in the middle", u64(101, 12n)],
    ["a view history that is longer than all", u64(101, 2n ** 40n)],
    ["a view from before the ledger", u64(109, 0n)],
    ["a view that begins after the next", u64(109, 2n)],
    ["a view from after the snapshot", u64(117, 4n)],
    ["a public map that is cut off", u64(36, BigInt(PUBLIC_LENGTH - 8))],
  ];
  for (const [what, change] of malformed) {
    it(`refuses ${what}, even if the service signed it`, async () => {
      await assert.rejects(readSnapshot(signed(change), known), {
        code: "SNAPSHOT_MALFORMED",
      });
    });
  }

  it("refuses private maps that were changed, even if the service signed them", async () => {
    const altered = signed((copy) => void (copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1));
    await assert.rejects(readSnapshot(altered, known), {
      code: "SNAPSHOT_NOT_AUTHENTIC",
    });
    // Without the secret it cannot be told, and nothing of them is used.
    await readSnapshot(altered, { serviceCertPem: certPem });
  });

  it("refuses another ledger secret, and none", async () => {
    const other = { ...strict, secretOf: () => Buffer.alloc(32) };
    await assert.rejects(readSnapshot(bytes, other), { code: "SNAPSHOT_NOT_AUTHENTIC" });
    await assert.rejects(readSnapshot(bytes, { ...strict, secretOf: () => undefined }), {
      code: "SNAPSHOT_SECRET_MISSING",
    });
  });

  it("asks for the secret of its seqno when the public maps are there", async () => {
    const asked: number[] = [];
    await readSnapshot(bytes, {
      ...strict,
      secretOf: (seqno, publicMaps) => {
        asked.push(seqno, publicMaps.size("public:ccf.gov.nodes.info"));
        return ledger.rawSecret;
      },
    });
    assert.deepEqual(asked, [draft.seqno, 1]);
  });

  it("refuses a snapshot of another service", async () => {
    const serviceCertPem = createTestService("Secp256R1").certPem;
    await assert.rejects(readSnapshot(bytes, { ...strict, serviceCertPem }), {
      code: "SNAPSHOT_SERVICE_MISMATCH",
    });
  });

  it("refuses a snapshot under another's receipt", async () => {
    using second = LedgerBuilder.create();
    second.sign();
    const others = await buildSnapshot(second);
    const receipt = (whole: Uint8Array, { byteLength }: { byteLength: number }): Uint8Array =>
      whole.subarray(byteLength);
    const mixed = Buffer.concat([body, receipt(others.bytes, others.draft)]);
    await assert.rejects(readSnapshot(mixed, strict), { code: "SNAPSHOT_SERVICE_MISMATCH" });
    const swapped = Buffer.concat([...others.draft.parts, receipt(bytes, draft)]);
    await assert.rejects(readSnapshot(swapped, strict), { code: "SNAPSHOT_DIGEST_MISMATCH" });
  });

  it("refuses a snapshot under the name of another", async () => {
    for (const expected of [
      { seqno: finished.seqno - 1, evidenceSeqno: finished.evidenceSeqno },
      { seqno: finished.seqno, evidenceSeqno: finished.evidenceSeqno + 1 },
    ]) {
      await assert.rejects(readSnapshot(bytes, { ...strict, expected }), {
        code: "SNAPSHOT_POSITION_MISMATCH",
      });
    }
  });

  it("accepts the JSON receipt of older services, and refuses another for it", async () => {
    using older = LedgerBuilder.create();
    older.sign();
    const built = await buildSnapshot(older, { receipt: "json" });
    const options = { serviceCertPem: older.service.certPem };
    const { receipt } = await readSnapshot(built.bytes, options);
    assert.deepEqual(
      [receipt.kind, receipt.seqno, receipt.signer],
      ["json", built.finished.evidenceSeqno, older.node.nodeId],
    );
    for (const [altered, code] of [
      [Buffer.concat([built.bytes, Buffer.from("x")]), "SNAPSHOT_RECEIPT_INVALID"],
      [Buffer.concat([...built.draft.parts, Buffer.from("{}")]), "SNAPSHOT_RECEIPT_INVALID"],
      [Buffer.concat([...built.draft.parts, Buffer.from("[]")]), "SNAPSHOT_RECEIPT_INVALID"],
      [
        Buffer.concat([...built.draft.parts, Buffer.alloc(2 ** 20 + 1, "{")]),
        "SNAPSHOT_RECEIPT_INVALID",
      ],
    ] as const) {
      await assert.rejects(readSnapshot(altered, options), { code });
    }
  });

  it("stops when it is told to", async () => {
    await assert.rejects(readSnapshot(bytes, { ...strict, signal: AbortSignal.abort() }), {
      name: "AbortError",
    });
  });
});
