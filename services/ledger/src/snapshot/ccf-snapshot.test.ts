// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { isAppError } from "@consortium/kit/errors";
import { keyFromText } from "../kv/types.js";
import { KvState } from "../kv/state.js";
import { ViewHistory } from "../replica/view-history.js";
import { LedgerVerifier } from "../verify/ledger-verifier.js";
import { fixtureEntries, fixturePath, fixtureServiceCert } from "../verify/testing/fixtures.js";
import { readSnapshot } from "./read-snapshot.js";
import { takeSnapshot } from "./take-snapshot.js";
import { contentOf } from "./testing/index.js";

const NAME = "snapshot_61_62.committed";
const bytes = readFileSync(fixturePath("expired_service", NAME));
const serviceCertPem = fixtureServiceCert("expired_service");
const entries = fixtureEntries("expired_service");
const expected = { seqno: 61, evidenceSeqno: 62 };
const snapshot = await readSnapshot(bytes, { serviceCertPem, expected });

/** The public state and history that the ledger itself leads to. */
function replayed(): { kv: KvState; history: ViewHistory; verifier: LedgerVerifier } {
  const kv = new KvState();
  const history = new ViewHistory();
  const verifier = new LedgerVerifier();
  verifier.feed(Buffer.concat(entries.slice(0, 61).map((entry) => entry.bytes)));
  for (const { decoded } of entries.slice(0, 61)) {
    kv.apply(decoded.seqno, decoded.publicWrites);
    history.note(decoded.view, decoded.seqno);
  }
  kv.commit(61);
  return { kv, history, verifier };
}

const rest = Buffer.concat(entries.slice(61).map((entry) => entry.bytes));

describe("a snapshot that CCF wrote", () => {
  it("is the state that its ledger leads to", () => {
    const { kv, history } = replayed();
    assert.deepEqual(contentOf(snapshot.kv.committed), contentOf(kv.committed));
    assert.deepEqual(snapshot.history.firsts(), history.firsts());
    assert.equal(snapshot.view, 4);
    assert.equal(snapshot.hasPrivateMaps, false);
  });

  it("has a receipt by a node, of the transaction after it", () => {
    assert.deepEqual(snapshot.receipt, {
      transactionId: "4.62",
      seqno: 62,
      signer: "9800ed1fb7c6d4876b359cc530ea2d7b88e7d0c39995b43572f511f5c4fe225e",
      kind: "json",
    });
  });

  it("holds maps as we write them", async () => {
    const { kv, history } = replayed();
    const { parts } = await takeSnapshot({
      state: kv.freeze(),
      chunk: Buffer.concat(entries.slice(59, 61).map((entry) => entry.bytes)),
      history,
      secret: new Uint8Array(32),
    });
    const ours = Buffer.concat(parts);
    // From the type of entry to the view history, and each map that CCF's hashing could not reorder.
    assert.deepEqual(ours.subarray(44, 141), bytes.subarray(44, 141));
    const names = kv.committed.mapNames().filter((name) => kv.committed.size(name) <= 1);
    assert.equal(names.length, 18);
    for (const name of names) {
      const nameLength = Buffer.alloc(8, 0);
      nameLength.writeUInt32LE(name.length);
      const named = Buffer.concat([nameLength, Buffer.from(keyFromText(name), "latin1")]);
      const recordOf = (whole: Buffer): Buffer => {
        const start = whole.indexOf(named, 141);
        const blobAt = start + named.length + 8;
        return whole.subarray(start, blobAt + 8 + whole.readUInt32LE(blobAt));
      };
      assert.ok(recordOf(ours).equals(recordOf(bytes)), name);
    }
  });

  it("starts a verifier that goes on as one from the first transaction does", () => {
    using verifier = LedgerVerifier.fromSnapshot(snapshot, { serviceCertPem });
    const { verifier: fromGenesis } = replayed();
    assert.deepEqual(verifier.tree.root(), fromGenesis.tree.root());
    assert.deepEqual(verifier.tree.serialize(), fromGenesis.tree.serialize());
    const [service] = verifier.services;
    const { lastSigned: _, ...former } = fromGenesis.services[1] ?? assert.fail();
    assert.deepEqual(service, former);
    assert.equal(verifier.awaitsEvidence, true);
    assert.equal(verifier.feed(rest).entries.length, 13);
    fromGenesis.feed(rest);
    assert.equal(verifier.awaitsEvidence, false);
    assert.deepEqual(verifier.tree.serialize(), fromGenesis.tree.serialize());
    assert.deepEqual(verifier.lastSignature, fromGenesis.lastSignature);
    fromGenesis.dispose();
  });

  it("is refused when any byte of it is another", async () => {
    const receiptAt = 8 + bytes.readUIntLE(2, 6);
    for (let at = 0; at < receiptAt; at += at < 200 ? 1 : 997) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 0x10;
      await assert.rejects(readSnapshot(altered, { serviceCertPem }), isAppError, `at ${at}`);
    }
  });

  it("is refused for another service", async () => {
    const other = fixtureServiceCert("cose_flipflop_service");
    await assert.rejects(readSnapshot(bytes, { serviceCertPem: other }), {
      code: "SNAPSHOT_SERVICE_MISMATCH",
    });
  });
});
