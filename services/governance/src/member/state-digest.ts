// SPDX-License-Identifier: Apache-2.0
import { MerkleTree } from "@consortium/crypto-wasm";
import {
  encodeHex,
  keyFromText,
  type KvReader,
  rows,
  SINGLETON_KEY,
  TABLES,
  type Transaction,
} from "@consortium/ledger";
import { governanceErrors } from "../errors.js";

/**
 * The root that the last signature covers, as hex: what a member vouches for when it acknowledges.
 * Throws `NO_SIGNATURE_YET`.
 */
export function signedRoot(tx: Transaction): string {
  const bytes = tx.get(TABLES.tree, SINGLETON_KEY);
  if (bytes === undefined) {
    throw governanceErrors(
      "NO_SIGNATURE_YET",
      "Service has no signatures to ack yet - try again soon.",
      { retryAfterMs: 1_000 },
    );
  }
  using tree = MerkleTree.deserialize(bytes);
  return encodeHex(tree.root());
}

export function readAck(
  state: Pick<KvReader, "get"> | Transaction,
  memberId: string,
): rows.MemberAck | undefined {
  const found = state.get(TABLES.membersAcks, keyFromText(memberId));
  if (found === undefined) return undefined;
  return rows.membersAcks.decode(found instanceof Uint8Array ? found : found.value);
}
