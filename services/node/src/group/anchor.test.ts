// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { LedgerSecret } from "@consortium/crypto-wasm";
import {
  internalRows,
  KvState,
  packBatch,
  SINGLETON_KEY,
  type StoredChunk,
  TABLES,
  ViewHistory,
  type WriteSet,
} from "@consortium/ledger";
import { Checkpoint } from "../service/checkpoint.js";
import { Anchor } from "./anchor.js";

const ROLLED_BACK = { code: "LEDGER_ROLLED_BACK" };

describe("a node that was given the lead", () => {
  let folder = "";
  let anchor: Anchor;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "anchor-"));
    const checkpoint = await Checkpoint.create(join(folder, "checkpoint.json"), "0".repeat(64));
    anchor = new Anchor(checkpoint);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("refuses a view that it has verified entries of", () => {
    const history = new ViewHistory();
    history.note(4, 1);
    assert.throws(() => anchor.requireNewView(history, 4), ROLLED_BACK);
    assert.throws(() => anchor.requireNewView(history, 3), ROLLED_BACK);
    anchor.requireNewView(history, 5);
  });

  it("refuses a view that it led before, though the ledger shows nothing of it", () => {
    anchor.requireNewView(new ViewHistory(), 7);
    assert.throws(() => anchor.requireNewView(new ViewHistory(), 7), ROLLED_BACK);
    anchor.requireNewView(new ViewHistory(), 8);
  });

  it("refuses another signature of the same root", () => {
    const kv = new KvState();
    const [ours, theirs] = [signedIn(3), signedIn(4)];
    kv.apply(9, ours);
    kv.commit(9);
    anchor.note(kv.committed);
    anchor.check(9, ours);
    anchor.check(8, theirs);
    assert.throws(() => anchor.check(9, theirs), ROLLED_BACK);
    assert.throws(() => anchor.check(9, new Map()), ROLLED_BACK);
  });

  it("goes on only from the chunk that it has verified", () => {
    const kv = new KvState();
    kv.apply(1, signature("verified"));
    kv.commit(1);
    const end = { seqno: 1, kv };
    anchor.requireSameEnd(end, chunk("verified"));
    assert.throws(() => anchor.requireSameEnd(end, chunk("another")), ROLLED_BACK);
    assert.throws(() => anchor.requireSameEnd(end, undefined), ROLLED_BACK);
  });
});

function signature(text: string): WriteSet {
  return new Map([[TABLES.signatures, new Map([[SINGLETON_KEY, Buffer.from(text)]])]]);
}

function signedIn(view: number): WriteSet {
  const row = internalRows.signatures.encode({
    node: "a".repeat(64),
    root: "b".repeat(64),
    seqno: 9,
    view,
    sig: "AAAA",
  });
  return new Map([[TABLES.signatures, new Map([[SINGLETON_KEY, row]])]]);
}

function chunk(text: string): StoredChunk {
  using secret = new LedgerSecret(new Uint8Array(32));
  const batch = packBatch([{ writes: signature(text), flags: 0 }]);
  const { entries } = secret.seal({ view: 2, firstSeqno: 1, batch });
  return { firstSeqno: 1, lastSeqno: 1, view: 2, entries: Buffer.from(entries) };
}

describe("a node that may begin with a snapshot", () => {
  it("begins with any if it remembers nothing, or else with an older one than it remembers", async () => {
    await using folder = await temporaryFolder();
    const checkpoint = await Checkpoint.create(join(folder.path, "c.json"), "0".repeat(64));
    const anchor = new Anchor(checkpoint);
    assert.equal(anchor.snapshotSeqnoMax, undefined);
    checkpoint.note(40, "1".repeat(64), "d".repeat(64));
    assert.equal(anchor.snapshotSeqnoMax, 39);
  });
});

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "anchor-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
