// SPDX-License-Identifier: Apache-2.0
import { MerkleTree } from "@consortium/crypto-wasm";
import { proposalIdOf } from "../proposal/create-proposal.js";

/** How far behind a transaction the state can be that it was decided on. */
const LEAVES_KEPT = 131_072;

/** The roots that the ledger had lately, each over the leaves up to one seqno. */
export class RootHistory implements Disposable {
  readonly #tree = MerkleTree.create();

  /** 32 bytes for each entry that follows. */
  append(leaves: Uint8Array): void {
    this.#tree.append(leaves);
    const { size, flushed } = this.#tree;
    if (size - flushed > 2 * LEAVES_KEPT) this.#tree.flush(size - LEAVES_KEPT);
  }

  /** The root over the leaves 0 to `seqno`. */
  rootAt(seqno: number): Uint8Array {
    return this.#tree.root(seqno + 1);
  }

  /** The seqno before `seqno` whose root, with the request, makes this proposal id. */
  findReadVersion(
    proposalId: string,
    requestDigest: Uint8Array,
    seqno: number,
  ): number | undefined {
    const oldest = Math.max(1, this.#tree.flushed, seqno - LEAVES_KEPT);
    for (let version = seqno - 1; version >= oldest; version -= 1) {
      if (proposalIdOf(this.rootAt(version), requestDigest) === proposalId) return version;
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#tree.dispose();
  }
}
