// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { KvReader } from "../kv/index.js";
import { snapshotErrors } from "../snapshot/index.js";
import { buildSnapshot, contentOf, type BuiltSnapshot } from "../snapshot/testing/index.js";
import { openGroupStore, type GroupStore } from "../store/index.js";
import { startTestDatabase, type TestDatabase } from "../store/testing/index.js";
import { createTestService } from "../verify/testing/identities.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import { openReplica, type OpenReplicaOptions } from "./open-replica.js";
import { Replica } from "./replica.js";
import { SecretRing } from "./secret-ring.js";

describe("a replica from the store", () => {
  const ledger = LedgerBuilder.create();
  const secrets = new SecretRing();
  const warnings: string[] = [];
  let database: TestDatabase;
  let store: GroupStore;
  let older: BuiltSnapshot;
  let newer: BuiltSnapshot;
  let appended = 0;
  let view = 0;

  const options = (): OpenReplicaOptions => ({
    serviceCertPem: ledger.service.certPem,
    secrets,
    secretOf: (seqno) => secrets.rawOf(seqno),
    log: {
      info: () => undefined,
      warn: (fields) => warnings.push((fields as { err: { code: string } }).err.code),
    },
  });

  /** Appends what the ledger has more, one row for each signature. */
  async function append(): Promise<void> {
    for (const { seqno, isSignature } of ledger.entries.slice(appended)) {
      if (!isSignature) continue;
      const bytes = ledger.entries.slice(appended, seqno).map((entry) => entry.bytes);
      const entries = Buffer.concat(bytes);
      await store.append({ view, previousSeqno: appended, lastSeqno: seqno, entries });
      appended = seqno;
    }
  }

  async function put(snapshot: BuiltSnapshot, change?: (bytes: Buffer) => void): Promise<void> {
    const bytes = Buffer.from(snapshot.bytes);
    change?.(bytes);
    await store.putSnapshot({ ...snapshot.finished, parts: [bytes] });
  }

  async function assertWhole(replica: Replica): Promise<void> {
    for await (const { entries } of store.replay(replica.seqno + 1)) replica.feed(entries);
    const whole = new Replica({ secrets });
    for (const chunk of ledger.chunks()) whole.feed(chunk);
    assert.deepEqual(contentOf(replica.kv.committed), contentOf(whole.kv.committed));
    assert.deepEqual(replica.root(), whole.root());
  }

  before(async () => {
    database = await startTestDatabase();
    const url = database.urls.ledger;
    store = await openGroupStore({ url, group: 0, holder: "aa".repeat(32), leaseMs: 60_000 });
    const lease = await store.acquireLease(0);
    assert.ok(lease.outcome === "acquired");
    view = lease.view;
    secrets.add(1, ledger.rawSecret);
    ledger.sign();
    ledger.open();
    ledger.append(writeText("records", "a", "1"));
    ledger.sign();
    older = await buildSnapshot(ledger);
    ledger.append(writeText("records", "b", "2"));
    ledger.sign();
    newer = await buildSnapshot(ledger);
    ledger.append(writeText("records", "c", "3"));
    ledger.sign();
    await append();
  });
  after(async () => {
    secrets[Symbol.dispose]();
    await store.close();
    await database.stop();
  });

  it("is empty when there is no snapshot", async () => {
    const replica = await openReplica(store, options());
    assert.equal(replica.seqno, 0);
    await assertWhole(replica);
  });

  it("begins with the newest snapshot, proven by the ledger", async () => {
    await put(older);
    const seen: number[] = [];
    const onEntry = (seqno: number): void => void seen.push(seqno);
    const replica = await openReplica(store, { ...options(), onEntry });
    assert.equal(replica.seqno, older.finished.evidenceSeqno + 1);
    assert.equal(replica.awaitsEvidence, false);
    assert.deepEqual(seen, [older.finished.evidenceSeqno, replica.seqno]);
    await assertWhole(replica);
    assert.deepEqual(warnings, []);
  });

  it("begins with an older one when the newest was changed", async () => {
    await put(newer, (bytes) => void (bytes[300] = (bytes[300] ?? 0) ^ 1));
    const replica = await openReplica(store, options());
    assert.equal(replica.seqno, older.finished.evidenceSeqno + 1);
    await assertWhole(replica);
    assert.deepEqual(warnings.splice(0), ["SNAPSHOT_DIGEST_MISMATCH"]);
  });

  it("says from where it begins, each time anew", async () => {
    const begun: [seqno: number, maps: number][] = [];
    const onBegin = (seqno: number, publicMaps: KvReader): void =>
      void begun.push([seqno, publicMaps.mapNames().length]);
    const refused = new Error("the secret is a wrong one");
    const secretOf = (): Uint8Array => {
      throw snapshotErrors("SNAPSHOT_NOT_AUTHENTIC", refused.message);
    };
    await openReplica(store, { ...options(), onBegin, secretOf });
    assert.deepEqual(
      begun.map(([seqno]) => seqno),
      [older.finished.seqno, 0],
    );
    assert.ok((begun[0]?.[1] ?? 0) > 0 && begun[1]?.[1] === 0);
    warnings.length = 0;
  });

  it("passes over snapshots that are newer than the reader allows", async () => {
    const seqnoMax = older.finished.seqno;
    const replica = await openReplica(store, { ...options(), seqnoMax });
    assert.equal(replica.startSeqno, seqnoMax);
    const whole = await openReplica(store, { ...options(), seqnoMax: seqnoMax - 1 });
    assert.equal(whole.seqno, 0);
    assert.deepEqual(warnings, []);
  });

  it("passes over snapshots without a service to expect", async () => {
    const replica = await openReplica(store, { ...options(), serviceCertPem: undefined });
    assert.equal(replica.seqno, 0);
  });

  it("passes over snapshots of another service, and over those that are too large", async () => {
    const { certPem: serviceCertPem } = createTestService("Secp256R1");
    const strange = await openReplica(store, { ...options(), serviceCertPem });
    assert.equal(strange.seqno, 0);
    assert.deepEqual(warnings.splice(0), Array(2).fill("SNAPSHOT_SERVICE_MISMATCH"));
    const small = await openReplica(store, { ...options(), bytesMax: 100 });
    assert.equal(small.seqno, 0);
    assert.deepEqual(warnings.splice(0), ["SNAPSHOT_TOO_LARGE", "SNAPSHOT_TOO_LARGE"]);
  });

  it("does not go on without a secret that it should have", async () => {
    await assert.rejects(openReplica(store, { ...options(), secretOf: () => undefined }), {
      code: "SNAPSHOT_SECRET_MISSING",
    });
    warnings.length = 0;
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(openReplica(store, { ...options(), signal }), { name: "AbortError" });
  });
});
