// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeEntry } from "../entry/decode-entry.js";
import { EntryFlag } from "../entry/layout.js";
import type { WriteSet } from "../kv/types.js";
import { LedgerVerifier } from "../verify/ledger-verifier.js";
import { LedgerBuilder, writeText } from "../verify/testing/ledger-builder.js";
import type { FinishedSnapshot } from "./finish-snapshot.js";
import { readSnapshot } from "./read-snapshot.js";
import { SnapshotProducer, type SnapshotProducerOptions } from "./snapshot-producer.js";
import { contentOf, stateOf } from "./testing/index.js";

/** A primary as small as it can be: what it appends is committed with the next signature. */
class SmallPrimary implements Disposable {
  readonly ledger = LedgerBuilder.create();
  readonly state = stateOf(this.ledger);
  readonly put: FinishedSnapshot[] = [];
  readonly warnings: { err: Error; step: string }[] = [];
  readonly producer: SnapshotProducer;
  #committed = 0;

  constructor(options: Partial<SnapshotProducerOptions> = {}) {
    this.producer = new SnapshotProducer({
      ...this.state,
      txCount: 10,
      lastSnapshotSeqno: 0,
      secretOf: () => this.ledger.rawSecret,
      serviceCertPem: () => this.ledger.service.certPem,
      submit: ({ writes, claimsDigest }) => this.append(writes, { claimsDigest }),
      put: (snapshot) => Promise.resolve(this.put.push(snapshot)),
      log: {
        info: () => undefined,
        warn: (fields) => this.warnings.push(fields as { err: Error; step: string }),
      },
      ...options,
    });
  }

  append(writes: WriteSet, options: { claimsDigest?: Uint8Array } = {}): number {
    const { seqno } = this.ledger.append(writes, options);
    this.state.kv.apply(seqno, writes);
    return seqno;
  }

  /** So many transactions, and the commit of all there are. Answers whether it ends a file. */
  async commit(count: number): Promise<boolean> {
    for (let index = 0; index < count; index += 1) {
      this.append(writeText("public:records", String(index), `at ${this.ledger.lastSeqno}`));
    }
    const endsFile = this.producer.arm(this.ledger.lastSeqno + 1);
    const signature = this.ledger.sign(endsFile ? { flags: EntryFlag.chunkAfter } : {});
    const chunk = this.ledger.entries.slice(this.#committed);
    const lastSeqno = (this.#committed = signature.seqno);
    this.state.kv.commit(lastSeqno, decodeEntry(signature.bytes).publicWrites);
    const entries = Buffer.concat(chunk.map(({ bytes }) => bytes));
    this.producer.committed({ firstSeqno: chunk[0]?.seqno ?? 0, lastSeqno, entries });
    await this.producer.idle();
    return endsFile;
  }

  [Symbol.dispose](): void {
    this.ledger[Symbol.dispose]();
  }
}

describe("a producer of snapshots", () => {
  it("takes one after so many transactions, and puts it when its evidence is committed", async () => {
    using primary = new SmallPrimary();
    assert.equal(await primary.commit(3), false);
    assert.equal(await primary.commit(4), true);
    assert.equal(primary.put.length, 0);
    await primary.commit(1);
    const [finished, ...more] = primary.put;
    assert.deepEqual(more, []);
    assert.ok(finished);
    assert.equal(finished.name, "snapshot_10_11.committed");
    const snapshot = await readSnapshot(Buffer.concat(finished.parts), {
      serviceCertPem: primary.ledger.service.certPem,
      secretOf: () => primary.ledger.rawSecret,
      expected: finished,
    });
    using verifier = LedgerVerifier.fromSnapshot(snapshot);
    const rest = primary.ledger.entries.slice(finished.seqno).map(({ bytes }) => bytes);
    verifier.feed(Buffer.concat(rest));
    assert.equal(verifier.awaitsEvidence, false);
    assert.deepEqual(primary.warnings, []);
  });

  it("rests in proportion to what one took, unless one is requested", async () => {
    let ms = 0;
    const now = (): number => (ms += 1);
    using primary = new SmallPrimary({ txCount: 2, restFactor: 1000, now });
    assert.equal(await primary.commit(2), true);
    assert.equal(await primary.commit(2), false);
    assert.equal(await primary.commit(2), false);
    primary.producer.request();
    assert.equal(await primary.commit(2), true);
    await primary.commit(2);
    assert.equal(primary.put.length, 2);
    ms += 10_000;
    assert.equal(await primary.commit(2), true);
  });

  it("goes on taking them, each of the state it is named for", async () => {
    using primary = new SmallPrimary();
    const expected = new Map<number, unknown>();
    for (let round = 0; round < 12; round += 1) {
      if (await primary.commit(5)) {
        const { kv } = primary.state;
        expected.set(kv.committedSeqno, contentOf(kv.freeze()));
      }
    }
    assert.ok(primary.put.length >= 4);
    for (const { seqno, parts } of primary.put) {
      const { kv } = await readSnapshot(Buffer.concat(parts), {
        serviceCertPem: primary.ledger.service.certPem,
      });
      assert.deepEqual(contentOf(kv.committed), expected.get(seqno));
    }
  });

  it("counts from the newest snapshot there is", () => {
    using primary = new SmallPrimary({ lastSnapshotSeqno: 1000 });
    assert.equal(primary.producer.arm(1009), false);
    assert.equal(primary.producer.arm(1010), true);
  });

  it("takes one when it is asked to, and only then if it is told so", async () => {
    using primary = new SmallPrimary({ txCount: 0 });
    assert.equal(await primary.commit(50), false);
    primary.producer.request();
    assert.equal(await primary.commit(0), true);
    assert.equal(await primary.commit(1), false);
    assert.equal(primary.put.length, 1);
    assert.equal(await primary.commit(50), false);
  });

  it("takes one at a time, and one that was requested meanwhile after it", async () => {
    using primary = new SmallPrimary({ txCount: 0 });
    primary.producer.request();
    assert.equal(primary.producer.arm(2), true);
    primary.producer.request();
    assert.equal(primary.producer.arm(3), false);
    assert.equal(await primary.commit(0), false);
    // The evidence of the first is under way.
    assert.equal(await primary.commit(0), false);
    assert.equal(primary.put.length, 1);
    assert.equal(await primary.commit(0), true);
  });

  it("does no harm when the evidence is refused or the store fails", async () => {
    const failures: Partial<SnapshotProducerOptions>[] = [
      {
        submit: () => {
          throw new Error("not primary");
        },
      },
      { put: () => Promise.reject(new Error("no database")) },
      {
        secretOf: () => {
          throw new Error("no secret");
        },
      },
    ];
    for (const failure of failures) {
      using primary = new SmallPrimary(failure);
      for (let round = 0; round < 6; round += 1) await primary.commit(6);
      assert.ok(primary.warnings.length >= 2);
      assert.match(primary.warnings[0]?.err.message ?? "", /^no/);
    }
  });

  it("gives up what is under way when it is stopped", async () => {
    using primary = new SmallPrimary();
    await primary.commit(9);
    await primary.producer.stop();
    await primary.commit(9);
    await primary.commit(9);
    assert.deepEqual([primary.put, primary.warnings], [[], []]);
  });
});
