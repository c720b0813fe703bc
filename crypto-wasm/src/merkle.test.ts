// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { CryptoError, foldProof, MerkleTree } from "./index.js";
import { bitFlips, hex, toHex } from "./test-bytes.js";

const ledger = JSON.parse(
  readFileSync(new URL("../testdata/ledger.json", import.meta.url), "utf8"),
) as Record<string, string> & { leaves: string[] };

function malformed(error: unknown): boolean {
  return error instanceof CryptoError && error.code === "MALFORMED_TREE";
}

/** The slow definition: pair up level by level, an odd last node goes up unchanged. */
function rootOf(leaves: readonly Uint8Array[]): string {
  let level = [...leaves];
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at]!, level[at + 1]];
      next.push(
        right === undefined ? left : createHash("sha256").update(left).update(right).digest(),
      );
    }
    level = next;
  }
  return toHex(level[0]!);
}

/** Leaf 0 and then `count` leaves that differ. */
function leavesOf(count: number): Uint8Array[] {
  const leaf = (index: number): Uint8Array => createHash("sha256").update(String(index)).digest();
  return [new Uint8Array(32), ...Array.from({ length: count }, (_, index) => leaf(index))];
}

function treeOf(leaves: readonly Uint8Array[]): MerkleTree {
  const tree = MerkleTree.create();
  tree.append(new Uint8Array(Buffer.concat(leaves.slice(1))));
  return tree;
}

const counts = fc.integer({ min: 0, max: 200 });

test("a new tree holds 32 zero bytes", () => {
  using tree = MerkleTree.create();
  assert.equal(tree.size, 1);
  assert.equal(toHex(tree.root()), "00".repeat(32));
  assert.deepEqual(tree.proof(0), []);
  assert.equal(toHex(tree.serialize()), `${"00".repeat(7)}01${"00".repeat(8)}${"00".repeat(32)}`);
});

test("the roots are those that a real ledger signed", () => {
  using tree = treeOf([new Uint8Array(32), ...ledger.leaves.map(hex)]);
  assert.equal(toHex(tree.root(10)), ledger["root10"]);
  assert.equal(toHex(tree.root(16)), ledger["root16"]);
  assert.equal(toHex(tree.root(46)), ledger["root46"]);
});

test("the stored trees of a real ledger are read and written byte for byte", () => {
  for (const seqno of [10, 16, 46]) {
    const stored = ledger[`tree${seqno}`] ?? "";
    using tree = MerkleTree.deserialize(hex(stored));
    assert.equal(tree.size, seqno);
    assert.equal(toHex(tree.root()), ledger[`root${seqno}`]);
    assert.equal(toHex(tree.serialize()), stored);
  }
});

test("a tree that is flushed as a real ledger's was is written byte for byte", () => {
  using tree = treeOf([new Uint8Array(32), ...ledger.leaves.slice(0, 45).map(hex)]);
  tree.flush(44);
  assert.equal(toHex(tree.serialize()), ledger["tree46"]);
});

test("the root is that of the slow definition, for every size the tree ever had", () => {
  fc.assert(
    fc.property(counts, (count) => {
      const leaves = leavesOf(count);
      using tree = treeOf(leaves);
      for (let size = 1; size <= tree.size; size += 7) {
        assert.equal(toHex(tree.root(size)), rootOf(leaves.slice(0, size)));
      }
      assert.equal(toHex(tree.root()), rootOf(leaves));
    }),
    { numRuns: 30 },
  );
});

test("the root is SHA-256 of its input, for every size", () => {
  using tree = treeOf(leavesOf(70));
  assert.equal(tree.rootInput(1), undefined);
  for (let size = 2; size <= tree.size; size++) {
    const input = tree.rootInput(size);
    assert.equal(input?.length, 64);
    const digest = createHash("sha256").update(input).digest();
    assert.equal(toHex(digest), toHex(tree.root(size)));
  }
});

test("appending in pieces or at once gives the same tree", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 10 }), (pieces) => {
      const leaves = leavesOf(pieces.reduce((sum, piece) => sum + piece, 0));
      using whole = treeOf(leaves);
      using pieced = MerkleTree.create();
      let at = 1;
      for (const piece of pieces)
        pieced.append(new Uint8Array(Buffer.concat(leaves.slice(at, (at += piece)))));
      assert.deepEqual(pieced.serialize(), whole.serialize());
    }),
  );
});

test("every proof folds to the root, and to no other leaf's", () => {
  fc.assert(
    fc.property(counts, fc.nat(), fc.nat(), (count, sizeSeed, indexSeed) => {
      const leaves = leavesOf(count);
      using tree = treeOf(leaves);
      const size = 1 + (sizeSeed % tree.size);
      const index = indexSeed % size;
      const proof = tree.proof(index, size);
      assert.deepEqual(foldProof(leaves[index]!, proof), tree.root(size));
      const other = leavesOf(count + 1).at(-1)!;
      assert.notDeepEqual(foldProof(other, proof), tree.root(size));
    }),
  );
});

test("a turned bit in a proof leads to another root", () => {
  const leaves = leavesOf(12);
  using tree = treeOf(leaves);
  const proof = tree.proof(5);
  for (const [at, step] of proof.entries()) {
    const changes = [...bitFlips(step.hash)].map((hash) => ({ ...step, hash }));
    for (const change of [...changes, { ...step, left: !step.left }]) {
      assert.notDeepEqual(foldProof(leaves[5]!, proof.with(at, change)), tree.root());
    }
  }
});

test("a flushed tree keeps its root, its later proofs and its growth, also through its stored form", () => {
  fc.assert(
    fc.property(
      counts,
      fc.nat(),
      fc.integer({ min: 0, max: 70 }),
      fc.nat(),
      (count, flushSeed, more, indexSeed) => {
        const leaves = leavesOf(count + more);
        using full = treeOf(leaves);
        using kept = treeOf(leaves.slice(0, count + 1));
        const before = flushSeed % kept.size;
        kept.flush(before);
        using stored = MerkleTree.deserialize(kept.serialize());
        const tail = new Uint8Array(Buffer.concat(leaves.slice(count + 1)));
        const index = before + (indexSeed % (full.size - before));
        for (const tree of [kept, stored]) {
          tree.append(tail);
          assert.equal(tree.flushed, before);
          assert.equal(tree.size, full.size);
          assert.deepEqual(tree.root(), full.root());
          assert.deepEqual(tree.rootInput(), full.rootInput());
          assert.deepEqual(tree.proof(index), full.proof(index));
          if (index > before) assert.deepEqual(tree.root(index), full.root(index));
        }
        assert.deepEqual(kept.serialize(), stored.serialize());
        full.flush(before);
        assert.deepEqual(full.serialize(), kept.serialize());
      },
    ),
  );
});

test("flushing twice is flushing to the later index", () => {
  using once = treeOf(leavesOf(50));
  using twice = treeOf(leavesOf(50));
  once.flush(37);
  twice.flush(13);
  twice.flush(37);
  twice.flush(20);
  assert.deepEqual(twice.serialize(), once.serialize());
});

function stored(kept: bigint, flushed: bigint, hashes: number): Uint8Array {
  const out = Buffer.alloc(16 + hashes * 32);
  out.writeBigUInt64BE(kept);
  out.writeBigUInt64BE(flushed, 8);
  return new Uint8Array(out);
}

const BAD_TREES: readonly [string, Uint8Array][] = [
  ["nothing", new Uint8Array()],
  ["half a header", new Uint8Array(15)],
  ["no leaf", stored(0n, 0n, 0)],
  ["only flushed leaves", stored(0n, 4n, 1)],
  ["a leaf too few", stored(3n, 0n, 2)],
  ["a leaf too many", stored(3n, 0n, 4)],
  ["half a hash", stored(2n, 0n, 2).subarray(0, -1)],
  ["a subtree too few", stored(1n, 3n, 2)],
  ["a subtree too many", stored(1n, 4n, 3)],
  ["a count of leaves near 2^64", stored(2n ** 64n - 1n, 1n, 0)],
  ["counts that wrap around", stored(2n ** 64n - 1n, 3n, 1)],
  ["a flushed count of 2^63", stored(1n, 2n ** 63n, 2)],
  ["a flushed count beyond safe integers", stored(1n, 2n ** 53n, 2)],
];

for (const [what, bytes] of BAD_TREES) {
  test(`a stored tree is refused for ${what}`, () => {
    assert.throws(() => MerkleTree.deserialize(bytes), malformed);
  });
}

test("every shortened stored tree is refused", () => {
  const bytes = hex(ledger["tree46"] ?? "");
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => MerkleTree.deserialize(bytes.subarray(0, length)), malformed);
  }
});

test("a tree refuses indexes and sizes it does not have", () => {
  using tree = treeOf(leavesOf(10));
  tree.flush(4);
  assert.throws(() => tree.proof(3), RangeError);
  assert.throws(() => tree.proof(11), RangeError);
  assert.throws(() => tree.proof(8, 8), RangeError);
  assert.throws(() => tree.proof(5.5), RangeError);
  assert.throws(() => tree.root(4), RangeError);
  assert.throws(() => tree.root(12), RangeError);
  assert.throws(() => tree.flush(11), RangeError);
  assert.throws(() => tree.flush(-1), RangeError);
  assert.throws(() => tree.append(new Uint8Array(33)), RangeError);
  assert.throws(() => tree.append("00" as unknown as Uint8Array), TypeError);
});

test("folding refuses hashes of another size and sides that are no boolean", () => {
  const leaf = new Uint8Array(32);
  assert.throws(() => foldProof(new Uint8Array(31), []), RangeError);
  assert.throws(() => foldProof(leaf, [{ left: true, hash: new Uint8Array(33) }]), RangeError);
  assert.throws(() => foldProof(leaf, [{ left: 1 as unknown as boolean, hash: leaf }]), TypeError);
});

test("a disposed tree does nothing any more", () => {
  const tree = MerkleTree.create();
  tree.dispose();
  assert.throws(() => tree.root(), /disposed/);
  assert.throws(() => tree.size, /disposed/);
});
