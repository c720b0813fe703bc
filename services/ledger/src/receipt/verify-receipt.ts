// SPDX-License-Identifier: Apache-2.0
import { foldProof, type ProofStep } from "@consortium/crypto-wasm";
import { isIssuedBy } from "@consortium/kit/x509";
import { readPublicKey, type PublicKey } from "../signature/keys.js";
import { decodeBase64, decodeHex } from "../tables/json.js";
import { receiptErrors } from "./errors.js";
import { parseJsonReceipt, type JsonReceipt } from "./json-receipt.js";
import { leafOf, sameBytes, transactionOfEvidence } from "./proof.js";

export interface VerifyReceiptOptions {
  /** SHA-256 of the claims that the receipt must be about. */
  readonly claimsDigest?: Uint8Array;
}

export interface VerifiedReceipt {
  /** Absent in receipts of signature transactions, which do not say. */
  readonly transactionId?: string;
  readonly root: Uint8Array;
  /** Who signed the root: the node's id, or the service's key id in a COSE receipt. */
  readonly signer: string;
  /** All zeros if the application claimed nothing. */
  readonly claimsDigest?: Uint8Array;
}

/**
 * Verifies a JSON receipt with the service's certificate alone. Dates of certificates are not looked
 * at: a receipt stays true when they have passed.
 *
 * @example
 * const { transactionId } = verifyReceipt(await readFile("receipt.json", "utf8"), serviceCertPem);
 */
export function verifyReceipt(
  receipt: unknown,
  serviceCertPem: string,
  options: VerifyReceiptOptions = {},
): VerifiedReceipt {
  const parsed = parseJsonReceipt(receipt);
  const root = foldProof(leaf(parsed), parsed.proof.map(toStep));
  const key = certifiedKey(parsed, serviceCertPem);
  const signature = required(decodeBase64(parsed.signature));
  if (!key.verifyingKey.verifyDigest(root, signature, "der")) {
    throw receiptErrors(
      "RECEIPT_SIGNATURE_INVALID",
      "the node's signature does not fit the root that leaf and proof lead to",
    );
  }
  const claims = parsed.leaf_components?.claims_digest;
  const claimsDigest = claims === undefined ? undefined : required(decodeHex(claims, 32));
  requireClaims(claimsDigest, options);
  const evidence = parsed.leaf_components?.commit_evidence;
  const transactionId = evidence === undefined ? undefined : transactionOfEvidence(evidence);
  if (evidence !== undefined && transactionId === undefined) {
    throw receiptErrors("RECEIPT_MALFORMED", "the commit evidence names no transaction");
  }
  return {
    root,
    signer: parsed.node_id,
    ...(transactionId !== undefined && { transactionId }),
    ...(claimsDigest && { claimsDigest }),
  };
}

/** Throws `RECEIPT_CLAIMS_MISMATCH` if other claims were expected. */
export function requireClaims(found: Uint8Array | undefined, options: VerifyReceiptOptions): void {
  const { claimsDigest } = options;
  if (claimsDigest === undefined) return;
  if (found === undefined || !sameBytes(found, claimsDigest)) {
    throw receiptErrors("RECEIPT_CLAIMS_MISMATCH", "the receipt is about other claims");
  }
}

function leaf(receipt: JsonReceipt): Uint8Array {
  const components = receipt.leaf_components;
  if (components === undefined) return required(decodeHex(receipt.leaf ?? "", 32));
  return leafOf({
    writeSetDigest: required(decodeHex(components.write_set_digest, 32)),
    commitEvidence: components.commit_evidence,
    ...(components.claims_digest !== undefined && {
      claimsDigest: required(decodeHex(components.claims_digest, 32)),
    }),
  });
}

function toStep(step: JsonReceipt["proof"][number]): ProofStep {
  return "left" in step
    ? { left: true, hash: required(decodeHex(step.left, 32)) }
    : { left: false, hash: required(decodeHex(step.right, 32)) };
}

/** The node's key, after walking from its certificate over the endorsements to the service's. */
function certifiedKey(receipt: JsonReceipt, serviceCertPem: string): PublicKey {
  let key: PublicKey;
  try {
    key = readPublicKey(receipt.cert);
  } catch (cause) {
    throw receiptErrors("RECEIPT_MALFORMED", "the node's certificate cannot be read", { cause });
  }
  readPublicKey(serviceCertPem);
  if (key.id !== receipt.node_id) {
    throw receiptErrors("RECEIPT_NODE_MISMATCH", `the certificate is that of node ${key.id}`);
  }
  let certificate = receipt.cert;
  for (const endorsement of receipt.service_endorsements ?? []) {
    requireIssued(certificate, endorsement);
    certificate = endorsement;
  }
  requireIssued(certificate, serviceCertPem);
  return key;
}

function requireIssued(certificate: string, issuer: string): void {
  if (isIssuedBy(certificate, issuer)) return;
  throw receiptErrors(
    "RECEIPT_CERTIFICATE_UNTRUSTED",
    "the node's certificate does not lead to the service's certificate",
    { hint: "compare the service certificate with one that you obtained from a source you trust" },
  );
}

/** The schema has checked the text already. */
function required(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined)
    throw receiptErrors("RECEIPT_MALFORMED", "a field of the receipt is malformed");
  return bytes;
}
