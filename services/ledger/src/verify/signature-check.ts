// SPDX-License-Identifier: Apache-2.0
import { MerkleTree } from "@consortium/crypto-wasm";
import type { DecodedEntry } from "../entry/decode-entry.js";
import { encodeMaps } from "../entry/encode-maps.js";
import { EntryType, PUBLIC_DOMAIN_OFFSET } from "../entry/layout.js";
import { formatTransactionId } from "../entry/transaction-id.js";
import { SINGLETON_KEY } from "../kv/types.js";
import {
  parseSignatureWrites,
  verifyNodeSignature,
  verifyRootCoseSignature,
  type NodeSignature,
  type RootCoseSignature,
} from "../signature/parse-signature.js";
import { canonicalJson, decodeJson, encodeHex } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { placeDetails, verifyErrors } from "./errors.js";
import type { SignedPoint } from "./service-history.js";
import type { TrustState } from "./trust-state.js";

/** Which signatures to check: all, or only the service's where it is there. */
export type SignatureChoice = "all" | "service";

/** A signature transaction that holds. */
export interface VerifiedSignature extends SignedPoint {
  /** Absent where the service signs by COSE only. */
  readonly nodeId?: string;
  /** Whether the service's key signed too. */
  readonly hasServiceSignature: boolean;
  /** Seconds since the epoch, as the service's signature says. */
  readonly issuedAt?: number;
}

/** What a signature transaction is checked against. */
export interface SignatureContext {
  /** All leaves before it. */
  readonly tree: MerkleTree;
  readonly trust: TrustState;
  /** The signature transaction before it. */
  readonly previous: SignedPoint | undefined;
  readonly signatures: SignatureChoice;
  readonly requireServiceSignature: boolean;
}

/** Checks a signature transaction, an entry inside `bytes`. */
export function checkSignature(
  entry: DecodedEntry,
  bytes: Uint8Array,
  context: SignatureContext,
): VerifiedSignature {
  const { tree, trust } = context;
  const transactionId = formatTransactionId(entry.view, entry.seqno);
  const { node, cose, treeBytes } = parseSignatureWrites(entry.publicWrites);
  requireCanonical(entry, bytes);
  if (node === undefined && cose === undefined) {
    throw verifyErrors("SIGNATURE_INVALID", "a signature transaction holds no signature");
  }
  const root = tree.root();
  requireSameRoot({ entry, root, tree, treeBytes, node, previous: context.previous });
  if (node !== undefined) {
    const isNeeded = context.signatures === "all" || cose === undefined;
    checkNodeSignature(node, entry, trust, isNeeded);
  }
  if (cose !== undefined) checkServiceSignature(cose, transactionId, root, trust);
  else if (context.requireServiceSignature) {
    throw verifyErrors("SERVICE_SIGNATURE_MISSING", `the service did not sign at ${transactionId}`);
  }
  return {
    seqno: entry.seqno,
    view: entry.view,
    transactionId,
    root,
    hasServiceSignature: cose !== undefined,
    ...(node && { nodeId: node.nodeId }),
    ...(cose?.issuedAt !== undefined && { issuedAt: cose.issuedAt }),
  };
}

/** Checks the node's signature over a root, or only that it may sign and says where. */
export function checkNodeSignature(
  node: NodeSignature,
  entry: Pick<DecodedEntry, "seqno" | "view">,
  trust: TrustState,
  verifySignature: boolean,
): void {
  if (node.seqno !== entry.seqno || node.view !== entry.view) {
    const found = formatTransactionId(node.view, node.seqno);
    throw verifyErrors("SIGNATURE_POSITION_MISMATCH", `the node signed for transaction ${found}`);
  }
  const key = trust.requireSigner(node.nodeId, node.certPem);
  if (verifySignature && !verifyNodeSignature(node, key)) {
    throw verifyErrors("SIGNATURE_INVALID", `the signature is not that of node ${node.nodeId}`);
  }
}

export function checkServiceSignature(
  cose: RootCoseSignature,
  transactionId: string,
  root: Uint8Array,
  trust: TrustState,
): void {
  if (cose.transactionId !== transactionId) {
    const message = `the service signed for transaction ${cose.transactionId}`;
    throw verifyErrors("SIGNATURE_POSITION_MISMATCH", message);
  }
  if (!verifyRootCoseSignature(cose, root, trust.requireService().key)) {
    throw verifyErrors("SIGNATURE_INVALID", "the service's signature is not that of its key");
  }
}

interface RootComparison {
  readonly entry: DecodedEntry;
  readonly root: Uint8Array;
  readonly tree: MerkleTree;
  readonly treeBytes: Uint8Array;
  readonly node: NodeSignature | undefined;
  readonly previous: SignedPoint | undefined;
}

/**
 * The root of what was read must be the one that was signed. If not, the leaves that the signature
 * transaction carries tell which transaction was changed.
 */
function requireSameRoot(comparison: RootComparison): void {
  const { entry, root, tree, treeBytes, node, previous } = comparison;
  let signedTree: MerkleTree;
  try {
    signedTree = MerkleTree.deserialize(treeBytes);
  } catch (cause) {
    throw verifyErrors("ROOT_MISMATCH", "the tree in the signature transaction cannot be read", {
      cause,
    });
  }
  const signedRoot = signedTree.root();
  const signedSize = signedTree.size;
  signedTree.dispose();
  const isTreeTrue = signedSize === entry.seqno && Buffer.compare(signedRoot, root) === 0;
  if (isTreeTrue && (node === undefined || Buffer.compare(node.root, root) === 0)) return;
  const isNodeOfTree = node === undefined || Buffer.compare(node.root, signedRoot) === 0;
  const changed =
    signedSize === entry.seqno && isNodeOfTree && !isTreeTrue
      ? firstDifference(tree.serialize(), treeBytes)
      : undefined;
  const message = `the root over transactions 1 to ${entry.seqno - 1} is ${encodeHex(root)}, signed is ${encodeHex(node?.root ?? signedRoot)}`;
  if (changed === undefined) throw verifyErrors("ROOT_MISMATCH", message);
  // A view changes only after a signature, so all since then are of this entry's view.
  const view = changed === previous?.seqno ? previous.view : entry.view;
  const place = { transactionId: formatTransactionId(view, changed), seqno: changed };
  throw verifyErrors("ROOT_MISMATCH", `transaction ${changed} is not what was signed: ${message}`, {
    details: placeDetails(place),
  });
}

/** The lowest leaf index at which two serialised trees differ, as far as both hold their leaves. */
function firstDifference(ours: Uint8Array, theirs: Uint8Array): number | undefined {
  const [a, b] = [keptLeaves(ours), keptLeaves(theirs)];
  const first = Math.max(a.first, b.first);
  for (let index = first; index < Math.min(a.end, b.end); index += 1) {
    if (Buffer.compare(a.leaf(index), b.leaf(index)) !== 0) return index;
  }
  return undefined;
}

interface KeptLeaves {
  readonly first: number;
  readonly end: number;
  leaf(index: number): Uint8Array;
}

function keptLeaves(serialised: Uint8Array): KeptLeaves {
  const view = new DataView(serialised.buffer, serialised.byteOffset, serialised.byteLength);
  const count = Number(view.getBigUint64(0));
  const first = Number(view.getBigUint64(8));
  const leaf = (index: number): Uint8Array => {
    const at = 16 + (index - first) * 32;
    return serialised.subarray(at, at + 32);
  };
  return { first, end: first + count, leaf };
}

/**
 * Nothing signs the last signature transaction itself, so all that can be told of it without a key
 * is checked: every field that has only one right value must have it. Older entry types wrote some
 * of them differently.
 */
function requireCanonical(entry: DecodedEntry, bytes: Uint8Array): void {
  if (entry.privateLength !== 0) throw notCanonical("it has a private part");
  if (entry.entryType !== EntryType.withCommitEvidenceAndClaims) return;
  if (entry.claimsDigest?.some((byte) => byte !== 0)) throw notCanonical("it makes claims");
  const publicDomain = bytes.subarray(
    entry.offset + PUBLIC_DOMAIN_OFFSET,
    entry.offset + entry.length,
  );
  const maps = encodeMaps(entry.publicWrites, "public");
  const conflictVersion = publicDomain.subarray(73, 81);
  if (
    conflictVersion.some((byte) => byte !== 0) ||
    Buffer.compare(publicDomain.subarray(81), maps) !== 0
  ) {
    throw notCanonical("its maps are written differently");
  }
  const row = entry.publicWrites.get(TABLES.signatures)?.get(SINGLETON_KEY);
  if (row) requireCanonicalRow(row);
}

const NODE_ROW_FIELDS = "cert,commit_seqno,commit_view,hashed_nonce,node,root,seqno,sig,view";

function requireCanonicalRow(row: Uint8Array): void {
  const value = decodeJson(row) as Record<string, string | number>;
  const isRight =
    Object.keys(value).join(",") === NODE_ROW_FIELDS &&
    value.commit_seqno === 0 &&
    value.commit_view === 0 &&
    value.hashed_nonce === "0".repeat(64) &&
    Buffer.from(canonicalJson(value)).equals(row);
  if (!isRight) throw notCanonical("the node's row is written differently");
}

function notCanonical(what: string): Error {
  return verifyErrors("SIGNATURE_NOT_CANONICAL", `a signature transaction is odd: ${what}`);
}
