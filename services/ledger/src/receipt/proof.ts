// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { digestEntries, foldProof, MerkleTree, type ProofStep } from "@consortium/crypto-wasm";
import { decodeEntry } from "../entry/decode-entry.js";
import { EntryType } from "../entry/layout.js";
import { formatTransactionId } from "../entry/transaction-id.js";
import { isSignatureTransaction } from "../signature/parse-signature.js";
import { receiptErrors } from "./errors.js";

/** What a leaf is made of. */
export interface LeafComponents {
  readonly writeSetDigest: Uint8Array;
  /** `ce:<view>.<seqno>:<nonce>`; absent in entries of old ledgers. */
  readonly commitEvidence?: string;
  readonly claimsDigest?: Uint8Array;
}

/** The place of a transaction under a signed root. */
export interface InclusionProof {
  readonly transactionId: string;
  readonly isSignature: boolean;
  readonly leaf: Uint8Array;
  readonly components: LeafComponents;
  readonly path: readonly ProofStep[];
  readonly root: Uint8Array;
}

/**
 * Proves that the entry is a leaf of the tree of a signature transaction. Throws
 * `RECEIPT_NOT_READY` if that signature does not cover it, and `RECEIPT_MALFORMED` if the evidence
 * or the tree belongs to something else.
 */
export function proveInclusion(
  entryBytes: Uint8Array,
  treeBytes: Uint8Array,
  commitEvidence: string | undefined,
): InclusionProof {
  const entry = decodeEntry(entryBytes);
  const { leaves, writeSetDigests } = digestEntries(entryBytes.subarray(0, entry.length));
  const transactionId = formatTransactionId(entry.view, entry.seqno);
  using tree = MerkleTree.deserialize(treeBytes);
  if (entry.seqno < tree.flushed || entry.seqno >= tree.size) {
    throw receiptErrors("RECEIPT_NOT_READY", `this signature does not cover ${transactionId}`, {
      hint: "use the first signature transaction after it",
    });
  }
  const components: LeafComponents = {
    writeSetDigest: writeSetDigests,
    ...(commitEvidence !== undefined && { commitEvidence }),
    ...(entry.claimsDigest && { claimsDigest: Uint8Array.from(entry.claimsDigest) }),
  };
  if (!sameBytes(leafOf(components), leaves)) {
    const kind =
      EntryType.withCommitEvidenceAndClaims === entry.entryType ? "" : " of an old entry";
    throw receiptErrors(
      "RECEIPT_MALFORMED",
      `the commit evidence${kind} is not that of ${transactionId}`,
    );
  }
  const path = tree.proof(entry.seqno);
  const root = tree.root();
  if (!sameBytes(foldProof(leaves, path), root)) {
    throw receiptErrors("RECEIPT_MALFORMED", `the tree holds another leaf at ${transactionId}`);
  }
  const isSignature = isSignatureTransaction(entry.publicWrites);
  return { transactionId, isSignature, leaf: leaves, components, path, root };
}

/** The leaf: the components hashed together, or the write set digest alone in the oldest entries. */
export function leafOf(components: LeafComponents): Uint8Array {
  const { writeSetDigest, commitEvidence, claimsDigest } = components;
  if (commitEvidence === undefined && claimsDigest === undefined) return writeSetDigest;
  const hash = createHash("sha256").update(writeSetDigest);
  if (commitEvidence !== undefined) {
    hash.update(createHash("sha256").update(commitEvidence, "utf8").digest());
  }
  if (claimsDigest !== undefined) hash.update(claimsDigest);
  return hash.digest();
}

/** The transaction that commit evidence speaks of; `undefined` if it is not commit evidence. */
export function transactionOfEvidence(commitEvidence: string): string | undefined {
  return /^ce:([0-9]+\.[0-9]+):[0-9a-f]{64}$/.exec(commitEvidence)?.[1];
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
