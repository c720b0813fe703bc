// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { digestEntries, LedgerSecret } from "@consortium/crypto-wasm";
import { isAppError } from "@consortium/kit/errors";
import { fixtureEntries } from "../verify/testing/fixtures.js";
import { decodeEntry, entryLength, iterateEntries } from "./decode-entry.js";
import { decodeMaps } from "./decode-maps.js";
import { EntryFlag } from "./layout.js";
import { packBatch } from "./pack-batch.js";

const secret = new LedgerSecret(new Uint8Array(32).fill(7));
const batch = packBatch([
  {
    writes: new Map([
      ["public:records", new Map([["a", Buffer.from("open")]])],
      ["records", new Map([["b", Buffer.from("closed")]])],
    ]),
    flags: EntryFlag.chunkBefore,
    claimsDigest: new Uint8Array(32).fill(9),
  },
]);
const entry = secret.seal({ view: 3, firstSeqno: 17, batch }).entries;

/** A copy with some bytes set. */
function changed(offset: number, ...bytes: number[]): Uint8Array {
  const copy = Uint8Array.from(entry);
  copy.set(bytes, offset);
  return copy;
}

describe("decodeEntry", () => {
  it("reads everything that needs no key", () => {
    const decoded = decodeEntry(entry);
    assert.equal(decoded.length, entry.length);
    assert.equal(decoded.seqno, 17);
    assert.equal(decoded.view, 3);
    assert.equal(decoded.flags, EntryFlag.chunkBefore);
    assert.equal(decoded.entryType, 4);
    assert.deepEqual([...(decoded.claimsDigest ?? [])], Array(32).fill(9));
    const evidence = createHash("sha256").update(secret.commitEvidence(3, 17)).digest();
    assert.ok(evidence.equals(decoded.commitEvidenceDigest ?? new Uint8Array()));
    assert.deepEqual([...decoded.publicWrites.keys()], ["public:records"]);
    const [plaintext] = secret.open(entry);
    assert.equal(plaintext?.length, decoded.privateLength);
    const hidden = decodeMaps(plaintext ?? new Uint8Array(), "private")
      .get("records")
      ?.get("b");
    assert.equal(Buffer.from(hidden ?? []).toString(), "closed");
  });

  it("agrees with the known answers of a ledger that CCF wrote", () => {
    const known: [seqno: number, digest: string, leaf: string][] = [
      [
        1,
        "54bc9d074d011523051d23cb8bd6da68a7010c4a7ac82010ec4cf7e17cfb1ed2",
        "df26060795a046d1fca076d54908fd0123962c9842d62f88b5ec591ba0732803",
      ],
      [
        2,
        "ae329be7858e4d4673c82ed0a89618256a0ebb817e8abe17e56b456df3cf0b2f",
        "af8d7ba088f268a35164a2c73779be962775c4d2973662988e4d5c476a39676a",
      ],
      [
        46,
        "d4ee9fad777df2848bb903de62da737d179e6573cae5be003bab9cbd536540f4",
        "4f9b7613afa1e63cea025af362423cd49fba3b3d6909e935c8431858577cd8e5",
      ],
    ];
    const evidence: Record<number, string> = {
      1: "ce:2.1:922d974443e75ba5d2542b81056206b2b4a94a0dafa30200b56bf1f9c232f27d",
      2: "ce:2.2:e3c9310fe3e705d35442cdae77d4ae9affa8df29b7af39c2dd989c6750505c08",
      46: "ce:2.46:7a0c49b3f897e95982ff14679b007364a0e49373977ec8b576bc8af77041f54d",
    };
    const entries = fixtureEntries("cose_flipflop_service");
    assert.equal(entries[0]?.bytes.length, 58_683);
    for (const [seqno, digest, leaf] of known) {
      const { bytes, decoded } = entries[seqno - 1] ?? assert.fail();
      const digests = digestEntries(bytes);
      assert.equal(Buffer.from(digests.writeSetDigests).toString("hex"), digest);
      assert.equal(Buffer.from(digests.leaves).toString("hex"), leaf);
      const commit = createHash("sha256")
        .update(evidence[seqno] ?? "")
        .digest();
      assert.ok(commit.equals(decoded.commitEvidenceDigest ?? new Uint8Array()));
      assert.deepEqual([...(decoded.claimsDigest ?? [])], Array(32).fill(0));
    }
  });

  it("reads the entry types of old ledgers", () => {
    const types = new Set(
      fixtureEntries("expired_service").map(({ decoded }) => decoded.entryType),
    );
    assert.deepEqual(types, new Set([3, 4]));
  });

  it("refuses an entry that is cut off, at whatever byte", () => {
    for (let length = 0; length < entry.length; length += 1) {
      assert.throws(() => decodeEntry(entry.subarray(0, length)), { code: "ENTRY_TRUNCATED" });
    }
  });

  it("throws nothing but its own errors when any byte is another", () => {
    for (let offset = 0; offset < entry.length; offset += 1) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        try {
          decodeEntry(changed(offset, value));
        } catch (error) {
          assert.ok(isAppError(error, "ENTRY_MALFORMED", "ENTRY_TRUNCATED", "MAPS_MALFORMED"));
        }
      }
    }
  });

  const bad: [what: string, bytes: Uint8Array, code: string][] = [
    ["version 0", changed(0, 0), "ENTRY_MALFORMED"],
    ["version 2", changed(0, 2), "ENTRY_MALFORMED"],
    ["an unknown flag", changed(1, 4), "ENTRY_MALFORMED"],
    ["a size below the least", changed(2, 35, 0, 0, 0, 0, 0), "ENTRY_MALFORMED"],
    ["a size above a gigabyte", changed(2, 1, 0, 0, 0x40, 0, 0), "ENTRY_MALFORMED"],
    ["a size above what there is", changed(2, 0xff, 0xff), "ENTRY_TRUNCATED"],
    ["another seqno outside than inside", changed(24, 18), "ENTRY_MALFORMED"],
    ["a seqno of more than 48 bits", changed(30, 1), "ENTRY_MALFORMED"],
    ["a snapshot", changed(35, 0x80), "ENTRY_MALFORMED"],
    ["a public length beyond the entry", changed(36, 0xff, 0xff), "ENTRY_MALFORMED"],
    ["an empty public domain", changed(36, 0, 0, 0, 0), "ENTRY_MALFORMED"],
    ["a public domain shorter than its head", changed(36, 40, 0, 0, 0), "ENTRY_MALFORMED"],
    ["entry type 1", changed(44, 1), "ENTRY_MALFORMED"],
    ["entry type 5", changed(44, 5), "ENTRY_MALFORMED"],
    ["a negative seqno", changed(45, ...Array<number>(8).fill(0xff)), "ENTRY_MALFORMED"],
  ];
  for (const [what, bytes, code] of bad) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeEntry(bytes), { code });
    });
  }
});

describe("iterateEntries", () => {
  it("gives the entries of a chunk with their offsets", () => {
    const both = secret.seal({ view: 2, firstSeqno: 5, batch: Buffer.concat([batch, batch]) });
    const entries = [...iterateEntries(both.entries)];
    assert.deepEqual(
      entries.map(({ seqno, offset }) => [seqno, offset]),
      [
        [5, 0],
        [6, both.offsets[1]],
      ],
    );
    assert.equal(entryLength(both.entries, both.offsets[1]), entries[1]?.length);
  });

  it("refuses what is left over after the last entry", () => {
    const chunk = Buffer.concat([entry, Uint8Array.of(1, 0, 0)]);
    assert.throws(() => [...iterateEntries(chunk)], { code: "ENTRY_TRUNCATED" });
  });
});
