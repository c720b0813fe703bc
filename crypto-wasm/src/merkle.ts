// SPDX-License-Identifier: Apache-2.0
import { alive, requireBytes, requireInteger } from "./arguments.js";
import { core } from "./core.js";
import { guarded } from "./error.js";
import type { MerkleTree as CoreMerkleTree } from "../pkg/ledger_crypto.js";

/** One sibling on the way from a leaf to the root. */
export interface ProofStep {
  /** Whether the sibling stands on the left. */
  readonly left: boolean;
  readonly hash: Uint8Array;
}

const HASH_LENGTH = 32;
const STEP_LENGTH = 1 + HASH_LENGTH;

/**
 * The ledger's Merkle tree. The index of a leaf is the sequence number of its entry; leaf 0 is 32
 * zero bytes.
 *
 * @example
 * ```ts
 * using tree = MerkleTree.create();
 * tree.append(sealed.leaves);
 * const root = tree.root();
 * ```
 */
export class MerkleTree {
  #inner: CoreMerkleTree | undefined;

  private constructor(inner: CoreMerkleTree) {
    this.#inner = inner;
  }

  /** A tree with leaf 0. */
  static create(): MerkleTree {
    return new MerkleTree(core().MerkleTree.create());
  }

  /** Reads a serialised tree. Throws `MALFORMED_TREE`. */
  static deserialize(bytes: Uint8Array): MerkleTree {
    requireBytes(bytes, "bytes");
    return new MerkleTree(guarded(() => core().MerkleTree.deserialize(bytes)));
  }

  /** Number of leaves, flushed ones included. */
  get size(): number {
    return this.#alive().size();
  }

  /** Number of leaves that were flushed: the index of the oldest leaf that is left. */
  get flushed(): number {
    return this.#alive().flushed();
  }

  /** Appends one or many leaves of 32 bytes. */
  append(leaves: Uint8Array): void {
    const inner = this.#alive();
    requireBytes(leaves, "leaves");
    if (leaves.length % HASH_LENGTH !== 0) throw new RangeError("leaves must be 32 bytes each");
    guarded(() => inner.append(leaves));
  }

  /** The root over the first `size` leaves; over all if no size is given. */
  root(size?: number): Uint8Array {
    const inner = this.#alive();
    const leaves = this.#sizeOf(size);
    return guarded(() => inner.root(leaves));
  }

  /**
   * The 64 bytes whose SHA-256 is the root; `undefined` for a tree of one leaf. A signed root is
   * verified with them four times as fast: `key.verify(input, signature, { hash: "sha256" })`.
   */
  rootInput(size?: number): Uint8Array | undefined {
    const inner = this.#alive();
    const leaves = this.#sizeOf(size);
    return guarded(() => inner.rootInput(leaves));
  }

  /** Forgets the leaves before an index. Roots and proofs of what is left stay possible. */
  flush(beforeIndex: number): void {
    const inner = this.#alive();
    requireInteger(beforeIndex, "beforeIndex", 0, inner.size() - 1);
    guarded(() => inner.flush(beforeIndex));
  }

  /** The form the ledger stores. */
  serialize(): Uint8Array {
    const inner = this.#alive();
    return guarded(() => inner.serialize());
  }

  /** The way from a leaf to the root over the first `size` leaves; over all if no size is given. */
  proof(index: number, size?: number): ProofStep[] {
    const inner = this.#alive();
    const leaves = this.#sizeOf(size);
    requireInteger(index, "index", inner.flushed(), leaves - 1);
    return unpackSteps(guarded(() => inner.proof(index, leaves)));
  }

  /** Frees the tree. */
  dispose(): void {
    this.#inner?.free();
    this.#inner = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): CoreMerkleTree {
    return alive(this.#inner, "tree");
  }

  #sizeOf(size: number | undefined): number {
    const inner = this.#alive();
    if (size === undefined) return inner.size();
    requireInteger(size, "size", inner.flushed() + 1, inner.size());
    return size;
  }
}

/**
 * The root that a leaf and its proof lead to.
 *
 * @example
 * ```ts
 * const root = foldProof(leaf, tree.proof(index));
 * ```
 */
export function foldProof(leaf: Uint8Array, path: readonly ProofStep[]): Uint8Array {
  requireBytes(leaf, "leaf", HASH_LENGTH);
  const steps = new Uint8Array(path.length * STEP_LENGTH);
  for (const [index, step] of path.entries()) {
    requireBytes(step.hash, `path[${index}].hash`, HASH_LENGTH);
    if (typeof step.left !== "boolean")
      throw new TypeError(`path[${index}].left must be a boolean`);
    steps[index * STEP_LENGTH] = step.left ? 1 : 0;
    steps.set(step.hash, index * STEP_LENGTH + 1);
  }
  return guarded(() => core().foldProof(leaf, steps));
}

function unpackSteps(bytes: Uint8Array): ProofStep[] {
  const steps: ProofStep[] = [];
  for (let at = 0; at < bytes.length; at += STEP_LENGTH) {
    steps.push({ left: bytes[at] === 1, hash: bytes.slice(at + 1, at + STEP_LENGTH) });
  }
  return steps;
}
