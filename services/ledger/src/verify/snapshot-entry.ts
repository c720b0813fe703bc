// SPDX-License-Identifier: Apache-2.0
import { MerkleTree } from "@consortium/crypto-wasm";
import type { DecodedEntry } from "../entry/decode-entry.js";
import { formatTransactionId } from "../entry/transaction-id.js";
import { SINGLETON_KEY } from "../kv/types.js";
import { parseNodeSignature, parseRootCoseSignature } from "../signature/parse-signature.js";
import type { LedgerSnapshot } from "../snapshot/read-snapshot.js";
import * as internal from "../tables/internal-rows.js";
import { decodeBase64, encodeHex } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { verifyErrors } from "./errors.js";
import {
  checkNodeSignature,
  checkServiceSignature,
  type SignatureChoice,
  type VerifiedSignature,
} from "./signature-check.js";
import { TrustState } from "./trust-state.js";

/** What a verifier that starts from a snapshot begins with. */
export interface SnapshotEntry {
  /** Over everything up to the snapshot's signature transaction. */
  readonly tree: MerkleTree;
  readonly trust: TrustState;
  readonly signature: VerifiedSignature;
}

/** What must be known of a snapshot to find its evidence. */
export type SnapshotFacts = Pick<LedgerSnapshot, "seqno" | "digest" | "receipt">;

export interface SnapshotEntryOptions {
  readonly signatures: SignatureChoice;
  readonly requireServiceSignature: boolean;
}

/**
 * Enters a ledger at a snapshot. The state must hold the signature transaction of its seqno, and the
 * signature must be over the tree that is beside it.
 */
export function enterAtSnapshot(
  snapshot: LedgerSnapshot,
  options: SnapshotEntryOptions,
): SnapshotEntry {
  const { seqno, view, history } = snapshot;
  const tables = snapshot.kv.committed;
  const transactionIdOf = (at: number): string => formatTransactionId(history.viewOf(at) ?? 0, at);
  const trust = TrustState.enter(tables, transactionIdOf);
  /** What the signature transaction itself wrote. */
  const written = (table: string): Uint8Array | undefined => {
    const row = tables.get(table, SINGLETON_KEY);
    return row?.version === seqno ? row.value : undefined;
  };
  const tree = readTree(written(TABLES.tree), seqno);
  try {
    const root = tree.root();
    const transactionId = formatTransactionId(view, seqno);
    const nodeRow = written(TABLES.signatures);
    const coseRow = written(TABLES.coseSignatures);
    const node = nodeRow && parseNodeSignature(nodeRow);
    const cose = coseRow && parseRootCoseSignature(decodeCose(coseRow));
    if (node === undefined && cose === undefined) throw invalid("it holds no signature");
    if (node !== undefined) {
      if (Buffer.compare(node.root, root) !== 0) throw invalid("another root is signed");
      const isNeeded = options.signatures === "all" || cose === undefined;
      checkNodeSignature(node, { seqno, view }, trust, isNeeded);
    }
    if (cose !== undefined) checkServiceSignature(cose, transactionId, root, trust);
    else if (options.requireServiceSignature) {
      throw verifyErrors(
        "SERVICE_SIGNATURE_MISSING",
        `the service did not sign at ${transactionId}`,
      );
    }
    tree.append(snapshot.leaf);
    tree.flush(seqno);
    const signature: VerifiedSignature = {
      seqno,
      view,
      transactionId,
      root,
      hasServiceSignature: cose !== undefined,
      ...(node && { nodeId: node.nodeId }),
      ...(cose?.issuedAt !== undefined && { issuedAt: cose.issuedAt }),
    };
    return { tree, trust, signature };
  } catch (error) {
    tree.dispose();
    throw error;
  }
}

function readTree(bytes: Uint8Array | undefined, seqno: number): MerkleTree {
  if (bytes === undefined) throw invalid("it holds no tree");
  let tree: MerkleTree;
  try {
    tree = MerkleTree.deserialize(bytes);
  } catch (cause) {
    throw invalid("its tree cannot be read", cause);
  }
  if (tree.size === seqno) return tree;
  const { size } = tree;
  tree.dispose();
  throw invalid(`its tree is over ${size} transactions`);
}

function decodeCose(row: Uint8Array): Uint8Array {
  const bytes = decodeBase64(internal.coseSignatures.decode(row));
  if (bytes === undefined) throw invalid("the service's signature is not base64");
  return bytes;
}

/**
 * Checks the transaction that gives evidence of the snapshot. A receipt alone is not enough: whoever
 * may put claims on the ledger could get one for a digest of their own choice, but only the service
 * writes to the table of evidence.
 */
export function checkEvidence(snapshot: SnapshotFacts, entry: DecodedEntry): void {
  const transactionId = formatTransactionId(entry.view, entry.seqno);
  const row = entry.publicWrites.get(TABLES.snapshotEvidence)?.get(SINGLETON_KEY);
  const evidence = row ? internal.snapshotEvidence.decode(row) : undefined;
  const isRight =
    transactionId === snapshot.receipt.transactionId &&
    evidence?.version === snapshot.seqno &&
    evidence.hash === encodeHex(snapshot.digest);
  if (isRight) return;
  throw verifyErrors(
    "SNAPSHOT_EVIDENCE_MISMATCH",
    `transaction ${transactionId} does not give evidence of the snapshot at ${snapshot.seqno}`,
    { hint: "use another snapshot, or replay the ledger from its start" },
  );
}

function invalid(what: string, cause?: unknown): Error {
  return verifyErrors("SNAPSHOT_NOT_SIGNED", `the snapshot's signature transaction: ${what}`, {
    cause,
  });
}
