// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyFromText, SINGLETON_KEY, type KvReader } from "../kv/types.js";
import { KvLoader } from "../kv/loader.js";
import { Replica } from "../replica/replica.js";
import { SecretRing } from "../replica/secret-ring.js";
import { encodeHex } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { internalRows } from "../tables/index.js";
import { LedgerVerifier } from "../verify/ledger-verifier.js";
import {
  LedgerBuilder,
  mergeWrites,
  writeRow,
  writeText,
  type BuiltEntry,
} from "../verify/testing/ledger-builder.js";
import { readSnapshot, type LedgerSnapshot } from "./read-snapshot.js";
import { takeSnapshot, type SnapshotDraft } from "./take-snapshot.js";
import { buildSnapshot, contentOf, giveEvidence, stateOf } from "./testing/index.js";

function openLedger(options: Parameters<typeof LedgerBuilder.create>[0] = {}): LedgerBuilder {
  const ledger = LedgerBuilder.create(options);
  ledger.sign();
  ledger.open();
  ledger.append(mergeWrites(writeText("public:records", "a", "1"), writeText("records", "b", "2")));
  ledger.sign();
  return ledger;
}

function read(bytes: Uint8Array, ledger: LedgerBuilder): Promise<LedgerSnapshot> {
  return readSnapshot(bytes, {
    serviceCertPem: ledger.service.certPem,
    secretOf: () => ledger.rawSecret,
  });
}

function bytesFrom(entries: readonly BuiltEntry[], seqno: number): Uint8Array {
  return Buffer.concat(entries.slice(seqno).map((entry) => entry.bytes));
}

/** Everything after the snapshot verifies, and leads to where the whole ledger leads. */
function assertGoesOn(snapshot: LedgerSnapshot, ledger: LedgerBuilder): void {
  using fromStart = new LedgerVerifier();
  fromStart.feed(ledger.bytes());
  using verifier = LedgerVerifier.fromSnapshot(snapshot);
  verifier.feed(bytesFrom(ledger.entries, snapshot.seqno));
  assert.deepEqual(verifier.tree.serialize(), fromStart.tree.serialize());
  assert.deepEqual(verifier.lastSignature, fromStart.lastSignature);
  assert.deepEqual(verifier.service, fromStart.service);
  assert.equal(verifier.awaitsEvidence, false);
}

describe("a verifier that starts from a snapshot", () => {
  for (const [what, options] of [
    ["signed by nodes and service", {}],
    ["signed by nodes only", { serviceSignatures: false }],
    ["signed by the service only", { nodeSignatures: false }],
  ] as const) {
    it(`goes on with a ledger ${what}`, async () => {
      using ledger = openLedger(options);
      const receipt = "serviceSignatures" in options ? "json" : "cose";
      const { bytes } = await buildSnapshot(ledger, { receipt });
      ledger.append(writeText("records", "c", "3"));
      ledger.sign();
      ledger.view += 1;
      ledger.sign();
      assertGoesOn(await read(bytes, ledger), ledger);
    });
  }

  it("follows new nodes, views and certificates", async () => {
    using ledger = openLedger();
    const { bytes } = await buildSnapshot(ledger);
    const second = ledger.createNode();
    ledger.append(ledger.nodeWrites(second, { status: "Trusted" }));
    ledger.sign();
    ledger.view += 1;
    ledger.sign({}, { node: second });
    assertGoesOn(await read(bytes, ledger), ledger);
  });

  it("follows a recovery, and the endorsement of the service in the snapshot", async () => {
    using ledger = openLedger();
    const { bytes } = await buildSnapshot(ledger);
    const snapshot = await read(bytes, ledger);
    ledger.recover();
    ledger.sign();
    ledger.append(ledger.statusWrites("WaitingForRecoveryShares"));
    ledger.open();
    ledger.sign();
    assertGoesOn(snapshot, ledger);
  });

  it("starts between a recovery and the opening after it", async () => {
    using ledger = openLedger();
    ledger.recover();
    ledger.sign();
    const { bytes } = await buildSnapshot(ledger);
    const snapshot = await read(bytes, ledger);
    ledger.append(ledger.statusWrites("WaitingForRecoveryShares"));
    ledger.open();
    ledger.sign();
    assertGoesOn(snapshot, ledger);
  });

  it("starts between two recoveries without an opening", async () => {
    using ledger = openLedger();
    ledger.recover();
    ledger.sign();
    ledger.recover();
    ledger.sign();
    const { bytes } = await buildSnapshot(ledger);
    const snapshot = await read(bytes, ledger);
    ledger.append(ledger.statusWrites("WaitingForRecoveryShares"));
    ledger.open();
    ledger.sign();
    assertGoesOn(snapshot, ledger);
  });

  it("starts after a recovery that is long over", async () => {
    using ledger = openLedger();
    ledger.recover();
    ledger.sign();
    ledger.append(ledger.statusWrites("WaitingForRecoveryShares"));
    ledger.open();
    ledger.sign();
    const { bytes } = await buildSnapshot(ledger);
    const snapshot = await read(bytes, ledger);
    ledger.recover();
    ledger.sign();
    ledger.append(ledger.statusWrites("WaitingForRecoveryShares"));
    ledger.open();
    ledger.sign();
    assertGoesOn(snapshot, ledger);
  });

  it("finds an entry that was changed, and a gap", async () => {
    using ledger = openLedger();
    const { bytes, rest } = await buildSnapshot(ledger);
    const altered = Uint8Array.from(rest);
    altered[10] = (altered[10] ?? 0) ^ 1;
    using verifier = LedgerVerifier.fromSnapshot(await read(bytes, ledger));
    using fork = verifier.fork();
    assert.throws(() => fork.feed(altered), { code: "ROOT_MISMATCH" });
    using gap = verifier.fork();
    assert.throws(() => gap.feed(ledger.sign().bytes), { code: "SEQNO_NOT_CONTIGUOUS" });
    assert.equal(verifier.awaitsEvidence, true);
    verifier.feed(rest);
  });

  it("knows whether the service is the expected one", async () => {
    using ledger = openLedger();
    const { bytes } = await buildSnapshot(ledger);
    const snapshot = await read(bytes, ledger);
    const formerCertPem = ledger.service.certPem;
    const recovery = ledger.recover().bytes;
    const options = { serviceCertPem: ledger.service.certPem };
    using before = LedgerVerifier.fromSnapshot(snapshot, options);
    assert.equal(before.hasExpectedService, false);
    before.feed(bytesFrom(ledger.entries, snapshot.seqno));
    assert.equal(before.hasExpectedService, true);
    using former = LedgerVerifier.fromSnapshot(snapshot, { serviceCertPem: formerCertPem });
    former.feed(bytesFrom(ledger.entries.slice(0, -1), snapshot.seqno));
    assert.throws(() => former.feed(recovery), { code: "SERVICE_IDENTITY_MISMATCH" });
  });

  it("awaits evidence until that is signed", async () => {
    using ledger = openLedger();
    const { bytes, finished } = await buildSnapshot(ledger);
    using verifier = LedgerVerifier.fromSnapshot(await read(bytes, ledger));
    const [evidence, signature] = ledger.entries.slice(finished.seqno);
    verifier.feed(evidence?.bytes ?? assert.fail());
    assert.equal(verifier.awaitsEvidence, true);
    verifier.feed(signature?.bytes ?? assert.fail());
    assert.equal(verifier.awaitsEvidence, false);
  });
});

describe("a forged snapshot", () => {
  /** A snapshot of another state than the one on the ledger. */
  async function forge(
    ledger: LedgerBuilder,
    changes: { rows?: Record<string, Uint8Array | undefined>; chunk?: Uint8Array },
  ): Promise<SnapshotDraft> {
    const { kv, history } = stateOf(ledger);
    const chunk = changes.chunk ?? ledger.chunks().at(-1) ?? assert.fail();
    const state = changed(kv.committed, changes.rows ?? {});
    return takeSnapshot({ state, chunk, history, secret: ledger.rawSecret });
  }

  function changed(state: KvReader, rows: Record<string, Uint8Array | undefined>): KvReader {
    const loader = new KvLoader();
    for (const name of state.mapNames()) {
      loader.startMap(name, state.mapVersion(name));
      for (const [key, { value, version }] of state.entries(name)) {
        const isChanged = name in rows && (key === SINGLETON_KEY || name === "public:records");
        const other = isChanged ? rows[name] : value;
        if (other !== undefined) loader.set(key, other, version);
      }
    }
    return loader.reader;
  }

  it("is found out although somebody claimed its digest in a transaction of their own", async () => {
    using ledger = openLedger();
    const draft = await forge(ledger, { rows: { "public:records": Buffer.from("forged") } });
    // As an application could: claims of its own, but no row of evidence.
    const { parts, seqno } = giveEvidence(ledger, draft, {
      writes: writeText("public:records", "mine", "x"),
    });
    // Receipt and signatures hold: only the ledger itself tells.
    const snapshot = await read(Buffer.concat(parts), ledger);
    assert.equal(
      Buffer.from(snapshot.kv.committed.get("public:records", "a")?.value ?? []).toString(),
      "forged",
    );
    using verifier = LedgerVerifier.fromSnapshot(snapshot);
    assert.equal(verifier.awaitsEvidence, true);
    assert.throws(() => verifier.feed(bytesFrom(ledger.entries, seqno)), {
      code: "SNAPSHOT_EVIDENCE_MISMATCH",
    });
  });

  const evidenceOf = (hash: Uint8Array, version: number): Uint8Array =>
    internalRows.snapshotEvidence.encode({ hash: encodeHex(hash), version });
  for (const [what, row] of [
    ["of another snapshot", (draft: SnapshotDraft) => evidenceOf(Buffer.alloc(32), draft.seqno)],
    ["of another seqno", (draft: SnapshotDraft) => evidenceOf(draft.digest, draft.seqno - 1)],
  ] as const) {
    it(`is found out by evidence ${what}`, async () => {
      using ledger = openLedger();
      const draft = await forge(ledger, {});
      const writes = writeRow(TABLES.snapshotEvidence, SINGLETON_KEY, row(draft));
      const { parts, seqno } = giveEvidence(ledger, draft, { writes });
      using verifier = LedgerVerifier.fromSnapshot(await read(Buffer.concat(parts), ledger));
      assert.throws(() => verifier.feed(bytesFrom(ledger.entries, seqno)), {
        code: "SNAPSHOT_EVIDENCE_MISMATCH",
      });
    });
  }

  it("with another leaf does not lead to the roots that are signed", async () => {
    using ledger = openLedger();
    using other = openLedger();
    const draft = await forge(ledger, { chunk: other.chunks().at(-1) ?? assert.fail() });
    const { parts, seqno } = giveEvidence(ledger, draft);
    using verifier = LedgerVerifier.fromSnapshot(await read(Buffer.concat(parts), ledger));
    assert.throws(() => verifier.feed(bytesFrom(ledger.entries, seqno)), { code: "ROOT_MISMATCH" });
  });

  const rowsOf = (ledger: LedgerBuilder, table: string): Uint8Array =>
    stateOf(ledger).kv.committed.get(table, SINGLETON_KEY)?.value ?? assert.fail();
  const unsigned: [what: string, rows: Record<string, Uint8Array | undefined>, code: string][] = [
    ["no tree", { [TABLES.tree]: undefined }, "SNAPSHOT_NOT_SIGNED"],
    ["a tree that cannot be read", { [TABLES.tree]: Buffer.from("x") }, "SNAPSHOT_NOT_SIGNED"],
    [
      "no signature",
      { [TABLES.signatures]: undefined, [TABLES.coseSignatures]: undefined },
      "SNAPSHOT_NOT_SIGNED",
    ],
    ["a signature that is no row", { [TABLES.signatures]: Buffer.from("x") }, "ROW_MALFORMED"],
    [
      "a service's signature of no COSE",
      { [TABLES.coseSignatures]: Buffer.from('""') },
      "SIGNATURE_MALFORMED",
    ],
  ];
  for (const [what, rows, code] of unsigned) {
    it(`is refused with ${what}`, async () => {
      using ledger = openLedger();
      const { parts } = giveEvidence(ledger, await forge(ledger, { rows }));
      const snapshot = await read(Buffer.concat(parts), ledger);
      assert.throws(() => LedgerVerifier.fromSnapshot(snapshot), { code });
    });
  }

  const foreign: [what: string, tables: string[], code: string][] = [
    [
      "signatures and tree",
      [TABLES.tree, TABLES.signatures, TABLES.coseSignatures],
      "NODE_NOT_TRUSTED",
    ],
    ["the tree", [TABLES.tree], "SNAPSHOT_NOT_SIGNED"],
    ["the node's signature", [TABLES.signatures], "SNAPSHOT_NOT_SIGNED"],
    ["the service's signature", [TABLES.coseSignatures], "SIGNATURE_INVALID"],
  ];
  for (const [what, tables, code] of foreign) {
    it(`is refused with ${what} of another ledger`, async () => {
      using ledger = openLedger();
      using other = openLedger();
      const rows = Object.fromEntries(tables.map((table) => [table, rowsOf(other, table)]));
      const { parts } = giveEvidence(ledger, await forge(ledger, { rows }));
      const snapshot = await read(Buffer.concat(parts), ledger);
      assert.throws(() => LedgerVerifier.fromSnapshot(snapshot), { code });
    });
  }

  it("is refused with a signature of an earlier transaction", async () => {
    using ledger = openLedger();
    const rows = { [TABLES.tree]: rowsOf(ledger, TABLES.tree) };
    ledger.sign();
    const { parts } = giveEvidence(ledger, await forge(ledger, { rows }));
    const snapshot = await read(Buffer.concat(parts), ledger);
    assert.throws(() => LedgerVerifier.fromSnapshot(snapshot), { code: "SNAPSHOT_NOT_SIGNED" });
  });

  it("is refused without a signature of the service where that is required", async () => {
    using ledger = openLedger({ serviceSignatures: false });
    const { bytes } = await buildSnapshot(ledger, { receipt: "json" });
    const snapshot = await read(bytes, ledger);
    assert.throws(() => Replica.fromSnapshot(snapshot), { code: "SERVICE_SIGNATURE_MISSING" });
  });
});

describe("a replica that starts from a snapshot", () => {
  it("is in the end as one that replayed everything", async () => {
    using ledger = openLedger();
    const { bytes } = await buildSnapshot(ledger);
    ledger.append(
      mergeWrites(writeText("public:records", "a", null), writeText("records", "d", "4")),
    );
    ledger.sign();
    using secrets = new SecretRing();
    secrets.add(1, ledger.rawSecret);
    const snapshot = await readSnapshot(bytes, {
      serviceCertPem: ledger.service.certPem,
      secretOf: (seqno) => secrets.rawOf(seqno),
    });
    const seen: number[] = [];
    const onEntry = (seqno: number): void => void seen.push(seqno);
    const replica = Replica.fromSnapshot(snapshot, { secrets, onEntry });
    assert.equal(replica.seqno, 5);
    assert.equal(replica.awaitsEvidence, true);
    for (const chunk of ledger.chunks().slice(2)) replica.feed(chunk);
    assert.equal(replica.awaitsEvidence, false);
    const whole = new Replica({ secrets });
    for (const chunk of ledger.chunks()) whole.feed(chunk);
    assert.deepEqual(contentOf(replica.kv.committed), contentOf(whole.kv.committed));
    assert.deepEqual(contentOf(replica.kv.latest), contentOf(whole.kv.latest));
    assert.deepEqual(replica.root(), whole.root());
    assert.deepEqual(replica.tree(), whole.tree());
    assert.deepEqual(replica.history.firsts(), whole.history.firsts());
    assert.deepEqual(seen, [6, 7, 8, 9]);
    assert.equal(replica.kv.committed.get("records", keyFromText("b"))?.version, 4);
  });
});
