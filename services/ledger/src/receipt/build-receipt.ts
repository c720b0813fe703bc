// SPDX-License-Identifier: Apache-2.0
import { decodeEntry } from "../entry/decode-entry.js";
import { parseSignatureWrites } from "../signature/parse-signature.js";
import { encodeBase64, encodeHex } from "../tables/json.js";
import { receiptErrors } from "./errors.js";
import type { JsonReceipt } from "./json-receipt.js";
import { proveInclusion } from "./proof.js";

/** Where the parts of a receipt come from. All of it stands on the ledger but the commit evidence. */
export interface ReceiptSource {
  /** The entry of the transaction. */
  readonly entry: Uint8Array;
  /**
   * The entry of the first signature transaction after it; of the transaction itself, if that is a
   * signature.
   */
  readonly signatureEntry: Uint8Array;
  /** `LedgerSecret.commitEvidence`; not needed for a signature transaction's JSON receipt. */
  readonly commitEvidence?: string;
  /** The node's certificate, if the signature row of an old ledger does not hold it. */
  readonly nodeCertPem?: string;
  /** Certificates between the node's and the current service's, after a recovery. */
  readonly serviceEndorsements?: readonly string[];
}

/** The JSON receipt that CCF's tools verify. Needs a signature by the node. */
export function buildReceipt(source: ReceiptSource): JsonReceipt {
  const signatureEntry = decodeEntry(source.signatureEntry);
  const { node, treeBytes } = parseSignatureWrites(signatureEntry.publicWrites);
  if (node === undefined) {
    throw receiptErrors("RECEIPT_NOT_AVAILABLE", "the covering signature has none by a node", {
      hint: "ask for the COSE receipt",
    });
  }
  const cert = node.certPem ?? source.nodeCertPem;
  if (cert === undefined) {
    throw receiptErrors("RECEIPT_NOT_AVAILABLE", "the node's certificate is not known");
  }
  const common = {
    cert,
    node_id: node.nodeId,
    signature: encodeBase64(node.signatureDer),
    ...(source.serviceEndorsements && { service_endorsements: [...source.serviceEndorsements] }),
  };
  if (decodeEntry(source.entry).seqno === signatureEntry.seqno) {
    return { ...common, leaf: encodeHex(node.root), proof: [] };
  }
  const proof = proveInclusion(source.entry, treeBytes, source.commitEvidence);
  const { writeSetDigest, commitEvidence, claimsDigest } = proof.components;
  return {
    ...common,
    ...(commitEvidence === undefined
      ? { leaf: encodeHex(proof.leaf) }
      : {
          leaf_components: {
            write_set_digest: encodeHex(writeSetDigest),
            commit_evidence: commitEvidence,
            ...(claimsDigest && { claims_digest: encodeHex(claimsDigest) }),
          },
        }),
    proof: proof.path.map(({ left, hash }) =>
      left ? { left: encodeHex(hash) } : { right: encodeHex(hash) },
    ),
  };
}
