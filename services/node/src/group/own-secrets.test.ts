// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { constants, createPrivateKey, publicEncrypt } from "node:crypto";
import { describe, it } from "node:test";
import { LedgerSecret } from "@consortium/crypto-wasm";
import { generateRsaKeyPem } from "@consortium/kit";
import {
  internalRows,
  KvState,
  type NodeIdentity,
  packBatch,
  SINGLETON_KEY,
  type StoredChunk,
  TABLES,
  type WriteSet,
} from "@consortium/ledger";
import { OwnSecrets } from "./own-secrets.js";

const NODE = "a".repeat(64);
const { publicKeyPem, privateKeyPem } = generateRsaKeyPem();
const identity = {
  nodeId: NODE,
  encryptionKey: createPrivateKey(privateKeyPem),
} as unknown as NodeIdentity;
const { signal } = new AbortController();

function rowFor(secrets: Record<number, number>, nodeId = NODE): WriteSet {
  const wrap = (fill: number): string =>
    publicEncrypt(
      { key: publicKeyPem, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
      Buffer.alloc(32, fill),
    ).toString("base64");
  const row = internalRows.encryptedLedgerSecrets.encode({
    [nodeId]: Object.entries(secrets).map(([version, fill]) => ({
      version: Number(version),
      encrypted_secret: wrap(fill),
    })),
  });
  return new Map([[TABLES.encryptedLedgerSecrets, new Map([[SINGLETON_KEY, row]])]]);
}

function stateOf(...sets: WriteSet[]): KvState {
  const kv = new KvState();
  for (const [index, writes] of sets.entries()) kv.apply(index + 1, writes);
  kv.commit(sets.length);
  return kv;
}

/** A store that holds one transaction in each chunk. */
function storeOf(...sets: WriteSet[]) {
  const opened: number[] = [];
  async function* replay(fromSeqno: number): AsyncGenerator<StoredChunk, void, undefined> {
    using secret = new LedgerSecret(Buffer.alloc(32, 7));
    for (const [index, writes] of sets.entries()) {
      const firstSeqno = index + 1;
      if (firstSeqno < fromSeqno) continue;
      opened.push(firstSeqno);
      const batch = packBatch([{ writes }]);
      const { entries } = secret.seal({ view: 2, firstSeqno, batch });
      yield { firstSeqno, lastSeqno: firstSeqno, view: 2, entries: Buffer.from(entries) };
    }
  }
  return { opened, store: { replay } };
}

describe("the secrets that the ledger holds for a node", () => {
  it("are those in the state it begins with", async () => {
    using secrets = new OwnSecrets(identity);
    const { opened, store } = storeOf();
    const { committed } = stateOf(rowFor({ 1: 1, 5: 2 }));
    await secrets.begin(committed, { store, fromSeqno: 2, signal });
    assert.deepEqual(
      secrets.secrets.map(({ version }) => version),
      [1, 5],
    );
    assert.equal(secrets.ring.rawOf(4)?.[0], 1);
    assert.equal(secrets.ring.rawOf(5)?.[0], 2);
    assert.deepEqual(opened, []);
  });

  it("are looked for in what follows, and only read with before they are verified", async () => {
    using secrets = new OwnSecrets(identity);
    const other = rowFor({ 1: 9 }, "b".repeat(64));
    const { opened, store } = storeOf(other, new Map(), rowFor({ 1: 1 }), rowFor({ 1: 1, 9: 2 }));
    await secrets.begin(stateOf(other).committed, { store, fromSeqno: 2, signal });
    assert.equal(secrets.ring.rawOf(1)?.[0], 1);
    assert.deepEqual(opened, [2, 3]);
    assert.deepEqual(secrets.secrets, []);
    assert.throws(() => secrets.serviceKeys(), { code: "NODE_NOT_TRUSTED" });
  });

  it("give way to those of the verified ledger", async () => {
    using secrets = new OwnSecrets(identity);
    const { store } = storeOf(rowFor({ 1: 6 }));
    await secrets.begin(stateOf().committed, { store, fromSeqno: 1, signal });
    assert.equal(secrets.ring.rawOf(1)?.[0], 6);
    secrets.collect(rowFor({ 1: 1 }));
    assert.equal(secrets.ring.rawOf(1)?.[0], 1);
    assert.equal(secrets.secrets[0]?.raw[0], 1);
  });

  it("are forgotten when it begins anew", async () => {
    using secrets = new OwnSecrets(identity);
    const { store } = storeOf();
    const { committed } = stateOf(rowFor({ 1: 6 }));
    await secrets.begin(committed, { store, fromSeqno: 2, signal });
    await secrets.begin(stateOf().committed, { store, fromSeqno: 1, signal });
    assert.equal(secrets.ring.rawOf(1), undefined);
    assert.deepEqual(secrets.secrets, []);
  });
});
