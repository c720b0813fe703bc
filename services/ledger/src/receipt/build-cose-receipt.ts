// SPDX-License-Identifier: Apache-2.0
import { encode, rfc8949EncodeOptions } from "cborg";
import { decodeEntry } from "../entry/decode-entry.js";
import { COSE_HEADER, encodeMap } from "../signature/cose-header.js";
import { parseSignatureWrites } from "../signature/parse-signature.js";
import type { ReceiptSource } from "./build-receipt.js";
import { receiptErrors } from "./errors.js";
import { proveInclusion } from "./proof.js";

/** Labels of the proofs (draft-ietf-cose-merkle-tree-proofs) and of CCF's profile of them. */
export const COSE_PROOF = { inclusion: -1, leaf: 1, path: 2 } as const;

const TAG_SIGN1_ARRAY_4 = Uint8Array.of(0xd2, 0x84);
const NULL = Uint8Array.of(0xf6);

/**
 * The COSE receipt: the service's signature over the root, byte for byte, with the proof in its
 * unprotected header. There is none for a signature transaction.
 */
export function buildCoseReceipt(source: ReceiptSource): Uint8Array {
  const { cose, treeBytes } = parseSignatureWrites(decodeEntry(source.signatureEntry).publicWrites);
  if (cose === undefined) {
    throw receiptErrors("RECEIPT_NOT_AVAILABLE", "the covering signature has none by the service", {
      hint: "ask for the JSON receipt",
    });
  }
  const proof = proveInclusion(source.entry, treeBytes, source.commitEvidence);
  const { writeSetDigest, commitEvidence, claimsDigest } = proof.components;
  if (proof.isSignature || commitEvidence === undefined || claimsDigest === undefined) {
    throw receiptErrors(
      "RECEIPT_NOT_AVAILABLE",
      "there are no COSE receipts of signature transactions and of entries before CCF 2",
    );
  }
  const inclusion = encodeMap([
    [COSE_PROOF.leaf, [writeSetDigest, commitEvidence, claimsDigest]],
    [COSE_PROOF.path, proof.path.map(({ left, hash }) => [left, hash])],
  ]);
  return Buffer.concat([
    TAG_SIGN1_ARRAY_4,
    encode(cose.message.protectedHeader, rfc8949EncodeOptions),
    encodeMap([[COSE_HEADER.dataProofs, new Map([[COSE_PROOF.inclusion, [inclusion]]])]]),
    NULL,
    encode(cose.message.signature, rfc8949EncodeOptions),
  ]);
}
