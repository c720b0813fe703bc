// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { CryptoError, digestEntries } from "./index.js";
import { bitFlips, bytes, hex, toHex } from "./test-bytes.js";

function malformed(index: number): (error: unknown) => boolean {
  return (error) =>
    error instanceof CryptoError && error.code === "MALFORMED_ENTRY" && error.index === index;
}

/** An entry with any header, around a public and a private domain. */
function entry(
  publicDomain: Uint8Array,
  privateDomain = new Uint8Array(),
  publicLength = publicDomain.length,
): Buffer {
  const head = Buffer.alloc(44);
  head[0] = 1;
  head.writeUIntLE(36 + publicDomain.length + privateDomain.length, 2, 6);
  head.writeBigUInt64LE(BigInt(publicLength), 36);
  return Buffer.concat([head, publicDomain, privateDomain]);
}

/** A public domain of a type, with digests of 0xaa and 0xbb as far as the type has them. */
function domain(type: number, digests = type === 4 ? 2 : type === 0 ? 0 : 1): Buffer {
  const hashes = [Buffer.alloc(32, 0xaa), Buffer.alloc(32, 0xbb)].slice(0, digests);
  return Buffer.concat([
    Buffer.from([type]),
    Buffer.alloc(8),
    ...hashes,
    Buffer.alloc(8),
    Buffer.from("maps"),
  ]);
}

function hash(...parts: Uint8Array[]): string {
  return createHash("sha256").update(Buffer.concat(parts)).digest("hex");
}

test("the digests of a real ledger's entries are its own", () => {
  const file = new URL("../testdata/ledger.json", import.meta.url);
  const ledger = JSON.parse(readFileSync(file, "utf8")) as Record<string, string> & {
    leaves: string[];
    writeSetDigests16to17: string[];
  };
  const chunk = hex(ledger["entries16to17"] ?? "");
  const { offsets, leaves, writeSetDigests } = digestEntries(chunk);
  assert.deepEqual([...offsets], [0, 2047, 2242]);
  assert.equal(toHex(leaves), ledger.leaves.slice(15, 17).join(""));
  assert.equal(toHex(writeSetDigests), ledger.writeSetDigests16to17.join(""));
});

test("no bytes are no entries", () => {
  const { offsets, leaves, writeSetDigests } = digestEntries(new Uint8Array());
  assert.deepEqual([[...offsets], leaves.length, writeSetDigests.length], [[0], 0, 0]);
});

test("each type of entry has its own leaf", () => {
  const [first, second] = [Buffer.alloc(32, 0xaa), Buffer.alloc(32, 0xbb)];
  const all = [0, 2, 3, 4].map((type) => entry(domain(type), Buffer.from("private")));
  const digests = all.map((bytes) => Buffer.from(hash(bytes), "hex"));
  const { leaves, writeSetDigests, offsets } = digestEntries(new Uint8Array(Buffer.concat(all)));
  assert.equal(toHex(writeSetDigests), Buffer.concat(digests).toString("hex"));
  assert.equal(offsets.length, 5);
  assert.equal(
    toHex(leaves),
    digests[0]!.toString("hex") +
      hash(digests[1]!, first) +
      hash(digests[2]!, first) +
      // Claims stand before commit evidence in the entry, and after it in the leaf.
      hash(digests[3]!, second, first),
  );
});

test("every turned bit changes the leaf or makes the entry malformed", () => {
  const genuine = new Uint8Array(entry(domain(4), Buffer.from("private")));
  const { leaves } = digestEntries(genuine);
  for (const changed of bitFlips(genuine)) {
    try {
      assert.notDeepEqual(digestEntries(changed).leaves, leaves);
    } catch (error) {
      assert.ok(malformed(0)(error) || malformed(1)(error));
    }
  }
});

const good = entry(domain(4));

function changed(at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(good);
  copy.set(values, at);
  return copy;
}

const BAD_ENTRIES: readonly [string, Buffer][] = [
  ["another version", changed(0, 2)],
  ["version 0", changed(0, 0)],
  ["an unknown flag", changed(1, 4)],
  ["a size beyond its end", changed(2, good.length - 8 + 1)],
  ["a size that leaves a byte over", changed(2, good.length - 8 - 1)],
  ["size 0", changed(2, 0, 0, 0, 0, 0, 0)],
  ["a size of 2^48 - 1", changed(2, 255, 255, 255, 255, 255, 255)],
  ["a public domain beyond its end", changed(36, good.length - 44 + 1)],
  ["a public domain of 2^64 - 1 bytes", changed(36, 255, 255, 255, 255, 255, 255, 255, 255)],
  ["a public domain of 2^32 bytes more", changed(36, good.length - 44, 0, 0, 0, 1)],
  ["an empty public domain", entry(new Uint8Array())],
  ["the type of a snapshot", entry(domain(1))],
  ["a type that does not exist", entry(domain(5))],
  ["type 255", entry(domain(255))],
  ["a public domain with the type alone", entry(Buffer.from([0]))],
  ["a public domain that ends in its digests", entry(domain(4).subarray(0, 60))],
  ["a public domain without its last head field", entry(domain(0).subarray(0, 16))],
  ["a snapshot's zero bytes", Buffer.alloc(100)],
];

for (const [what, bad] of BAD_ENTRIES) {
  test(`an entry is refused for ${what}`, () => {
    assert.throws(() => digestEntries(new Uint8Array(bad)), CryptoError);
    assert.throws(() => digestEntries(new Uint8Array(Buffer.concat([good, bad]))), CryptoError);
  });
}

test("the index of the entry at fault is told", () => {
  const chunk = new Uint8Array(Buffer.concat([good, good, changed(0, 9), good]));
  assert.throws(() => digestEntries(chunk), malformed(2));
});

test("every shortened chunk is refused", () => {
  for (let length = 1; length < good.length; length++) {
    assert.throws(() => digestEntries(new Uint8Array(good.subarray(0, length))), malformed(0));
  }
});

test("arbitrary bytes are read or refused, and nothing else", () => {
  const nearly = bytes(0, 120).map((tail) => {
    const size = Math.min(tail.length, 255);
    return Uint8Array.from([1, 0, size, 0, 0, 0, 0, 0, ...tail]);
  });
  fc.assert(
    fc.property(fc.oneof(bytes(0, 120), nearly), (chunk) => {
      try {
        digestEntries(chunk);
      } catch (error) {
        assert.ok(error instanceof CryptoError && error.code === "MALFORMED_ENTRY");
      }
    }),
    { numRuns: 2000 },
  );
});

test("entries refuse arguments of another kind", () => {
  assert.throws(() => digestEntries([1] as unknown as Uint8Array), TypeError);
});
