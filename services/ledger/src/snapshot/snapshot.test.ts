// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keyFromBytes, type WriteSet } from "../kv/types.js";
import { KvState } from "../kv/state.js";
import { LedgerBuilder, mergeWrites, writeText } from "../verify/testing/ledger-builder.js";
import { parseSnapshotFileName } from "./file-name.js";
import { readSnapshot } from "./read-snapshot.js";
import { takeSnapshot } from "./take-snapshot.js";
import { buildSnapshot, contentOf, giveEvidence, stateOf } from "./testing/index.js";

function someLedger(): LedgerBuilder {
  const ledger = LedgerBuilder.create();
  ledger.sign();
  ledger.open();
  ledger.append(
    mergeWrites(writeText("public:records", "a", "1"), writeText("records", "secret", "value")),
  );
  ledger.append(writeText("public:records", "b", "22"));
  ledger.append(writeText("public:empty", "gone", "x"));
  ledger.append(writeText("public:empty", "gone", null));
  ledger.append(writeText("records", "other", ""));
  ledger.sign();
  ledger.view += 2;
  ledger.sign();
  return ledger;
}

describe("a snapshot", () => {
  it("holds the state it was taken of, private maps and versions included", async () => {
    using ledger = someLedger();
    const { bytes, kv: state, history, draft, finished } = await buildSnapshot(ledger);
    const snapshot = await readSnapshot(bytes, {
      serviceCertPem: ledger.service.certPem,
      secretOf: () => ledger.rawSecret,
      expected: finished,
    });
    assert.deepEqual(contentOf(snapshot.kv.committed), contentOf(state.committed));
    assert.equal(snapshot.kv.committed.size("public:empty"), 0);
    assert.equal(snapshot.kv.committed.mapVersion("public:empty"), 7);
    assert.equal(snapshot.kv.committedSeqno, draft.seqno);
    assert.deepEqual(snapshot.history.firsts(), history.firsts());
    assert.deepEqual(snapshot.digest, draft.digest);
    assert.equal(snapshot.receipt.seqno, finished.evidenceSeqno);
    assert.equal(snapshot.hasPrivateMaps, true);
  });

  it("leaves private maps out for who has no secret", async () => {
    using ledger = someLedger();
    const { bytes } = await buildSnapshot(ledger);
    const { kv, hasPrivateMaps } = await readSnapshot(bytes, {
      serviceCertPem: ledger.service.certPem,
    });
    assert.equal(hasPrivateMaps, false);
    assert.ok(!kv.committed.mapNames().includes("records"));
    assert.equal(kv.committed.size("public:records"), 2);
  });

  it("is the same bytes each time it is taken", async () => {
    using ledger = someLedger();
    const { draft, kv: state, history } = await buildSnapshot(ledger);
    const chunk = ledger.chunks()[2] ?? assert.fail();
    const again = await takeSnapshot({
      state: state.freeze(),
      chunk,
      history,
      secret: ledger.rawSecret,
    });
    assert.deepEqual(Buffer.concat(again.parts), Buffer.concat(draft.parts));
  });

  it("begins as CCF's do", async () => {
    using ledger = someLedger();
    const { draft } = await buildSnapshot(ledger);
    const bytes = Buffer.concat(draft.parts);
    assert.equal(bytes.subarray(0, 2).toString("hex"), "0100");
    assert.equal(bytes.readUIntLE(2, 6), bytes.length - 8);
    const seqno = Buffer.alloc(8);
    seqno.writeUInt32LE(draft.seqno);
    assert.equal(bytes.subarray(24, 32).toString("hex"), seqno.toString("hex"));
    assert.equal(bytes.subarray(32, 36).toString("hex"), "00000080");
    assert.equal(
      bytes.subarray(44, 61).toString("hex"),
      `01${seqno.toString("hex")}0000000000000000`,
    );
    assert.equal(bytes.readUInt32LE(61), 32);
    // Views 1 and 2 began with the first transaction, view 4 after view 3 led nothing.
    const history = bytes.subarray(101, 101 + 8 + 32);
    const numbers = [0, 8, 16, 24, 32].map((at) => history.readUInt32LE(at));
    assert.deepEqual(numbers, [32, 1, 1, draft.seqno, draft.seqno]);
  });

  it("is named by its seqno and that of its evidence", async () => {
    using ledger = someLedger();
    const { finished } = await buildSnapshot(ledger);
    const { name, seqno, evidenceSeqno } = finished;
    assert.equal(name, "snapshot_10_11.committed");
    assert.deepEqual(parseSnapshotFileName(name), { seqno, evidenceSeqno });
    for (const other of [
      "snapshot_10_11",
      "snapshot_9_9.committed",
      "snapshot_9.committed",
      "snapshot_09_10.committed",
      "snapshot_10_11.committed_11",
      "ledger_9-10.committed",
    ]) {
      assert.equal(parseSnapshotFileName(other), undefined);
    }
  });

  it("may have its evidence later than right after it", async () => {
    using ledger = someLedger();
    const { bytes, finished } = await buildSnapshot(ledger, {
      between: (more) => {
        more.append(writeText("public:records", "c", "3"));
        more.sign();
      },
    });
    assert.equal(finished.evidenceSeqno, finished.seqno + 3);
    await readSnapshot(bytes, { serviceCertPem: ledger.service.certPem });
  });

  it("is not taken where nothing was signed", async () => {
    using ledger = someLedger();
    const { kv: state, history } = stateOf(ledger);
    const { bytes } = ledger.append(writeText("public:records", "c", "3"));
    const source = { history, secret: ledger.rawSecret };
    for (const chunk of [bytes, new Uint8Array()]) {
      await assert.rejects(takeSnapshot({ state: state.freeze(), chunk, ...source }), {
        code: "SNAPSHOT_NOT_AT_SIGNATURE",
      });
    }
  });

  it("is not changed by what is committed while it is taken", async () => {
    using ledger = LedgerBuilder.create();
    for (let batch = 0; batch < 40; batch += 1) {
      const keys = Array.from({ length: 500 }, (_, at) => [`${batch}-${at}`, "x".repeat(90)]);
      ledger.append(textWrites("public:many", keys as [string, string][]));
    }
    const { bytes: last, seqno } = ledger.sign();
    const { kv: state, history } = stateOf(ledger);
    const before = contentOf(state.committed);
    const taking = takeSnapshot({
      state: state.freeze(),
      chunk: last,
      history,
      secret: ledger.rawSecret,
    });
    let at = seqno;
    for (let batch = 0; batch < 40; batch += 1) {
      state.apply((at += 1), textWrites("public:many", [[`${batch}-1`, "changed"]]));
      state.apply((at += 1), writeText("public:many", `${batch}-2`, null));
      state.commit(at);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const draft = await taking;
    const { parts } = giveEvidence(ledger, draft);
    const { kv } = await readSnapshot(Buffer.concat(parts), {
      serviceCertPem: ledger.service.certPem,
    });
    assert.deepEqual(contentOf(kv.committed), before);
  });

  it("stops when it is told to", async () => {
    using ledger = someLedger();
    const { history } = stateOf(ledger);
    const large = new KvState();
    const value = Buffer.alloc(1024 * 1024);
    large.apply(1, new Map([["public:large", new Map(keysOf(64, value))]]));
    large.commit(1);
    const stop = new AbortController();
    const taking = takeSnapshot({
      state: large.freeze(),
      chunk: ledger.entries.at(-1)?.bytes ?? assert.fail(),
      history,
      secret: ledger.rawSecret,
      signal: stop.signal,
    });
    stop.abort(new Error("enough"));
    await assert.rejects(taking, /enough/);
  });

  it("holds whatever maps, keys and values there are", async () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const maps = fc.dictionary(
      fc.oneof(
        fc.string({ minLength: 1, maxLength: 12 }),
        fc.string({ maxLength: 12 }).map((name) => `public:${name}é`),
      ),
      fc.array(fc.tuple(bytes, fc.option(bytes, { nil: null })), { maxLength: 12 }),
      { maxKeys: 6 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(maps, { minLength: 1, maxLength: 4 }), async (transactions) => {
        using ledger = LedgerBuilder.create();
        for (const written of transactions) ledger.append(randomWrites(written));
        ledger.sign();
        const { bytes: snapshot, kv: state } = await buildSnapshot(ledger);
        const { kv } = await readSnapshot(snapshot, {
          serviceCertPem: ledger.service.certPem,
          secretOf: () => ledger.rawSecret,
        });
        assert.deepEqual(contentOf(kv.committed), contentOf(state.committed));
      }),
      { numRuns: 30 },
    );
  });

  it("holds values that are larger than any window or part", async () => {
    using ledger = LedgerBuilder.create();
    for (const [at, size] of [3, 1_000_003, 5_000_001].entries()) {
      for (const map of ["public:large", "large"]) {
        const value = Buffer.alloc(size, at + 1);
        ledger.append(new Map([[map, new Map([[`${"k".repeat(size % 7)}${at}`, value]])]]));
      }
    }
    ledger.sign();
    const { bytes, kv: state } = await buildSnapshot(ledger);
    const { kv } = await readSnapshot(bytes, {
      serviceCertPem: ledger.service.certPem,
      secretOf: () => ledger.rawSecret,
    });
    assert.deepEqual(contentOf(kv.committed), contentOf(state.committed));
  });
});

function textWrites(map: string, pairs: readonly [string, string][]): WriteSet {
  return new Map([[map, new Map(pairs.map(([key, text]) => [key, Buffer.from(text)]))]]);
}

function keysOf(count: number, value: Uint8Array): [string, Uint8Array][] {
  return Array.from({ length: count }, (_, at) => [String(at), value]);
}

function randomWrites(
  written: Readonly<Record<string, readonly (readonly [Uint8Array, Uint8Array | null])[]>>,
): WriteSet {
  return new Map(
    Object.entries(written)
      .filter(([name, pairs]) => pairs.length > 0 && !name.startsWith("public:ccf."))
      .map(([name, pairs]) => [
        name,
        new Map(pairs.map(([key, value]) => [keyFromBytes(key), value])),
      ]),
  );
}
