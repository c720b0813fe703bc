// SPDX-License-Identifier: Apache-2.0
import {
  coseSign1Parse,
  coseSign1Verify,
  foldProof,
  type CoseSign1,
  type ProofStep,
} from "@consortium/crypto-wasm";
import { parseTransactionId } from "../entry/transaction-id.js";
import {
  CCF_LEDGER_SHA256,
  COSE_HEADER,
  decodeMap,
  readHeader,
  type CborMap,
  type ReadHeader,
} from "../signature/cose-header.js";
import {
  verifyIdentityEndorsement,
  type IdentityEndorsement,
} from "../signature/identity-endorsement.js";
import { readPublicKey, type PublicKey } from "../signature/keys.js";
import { COSE_PROOF } from "./build-cose-receipt.js";
import { receiptErrors } from "./errors.js";
import { leafOf, transactionOfEvidence } from "./proof.js";
import {
  requireClaims,
  type VerifiedReceipt,
  type VerifyReceiptOptions,
} from "./verify-receipt.js";

const COMMIT_EVIDENCE_LENGTH_MAX = 1024;
const PATH_LENGTH_MAX = 64;

export interface VerifyCoseReceiptOptions extends VerifyReceiptOptions {
  /**
   * COSE endorsements of former service identities, newest first: they lead from today's service
   * key to the one that signed before a recovery.
   */
  readonly endorsements?: readonly Uint8Array[];
}

/**
 * Verifies a COSE receipt with the service's certificate (or public key) in PEM alone.
 *
 * @example
 * const { transactionId } = verifyCoseReceipt(await readFile("receipt.cose"), serviceCertPem);
 */
export function verifyCoseReceipt(
  receipt: Uint8Array,
  servicePem: string,
  options: VerifyCoseReceiptOptions = {},
): VerifiedReceipt {
  const { message, header } = parseMessage(receipt);
  if (header.vds !== CCF_LEDGER_SHA256) throw malformed("it is not of a CCF ledger");
  const key = signingKey(header, readPublicKey(servicePem), options.endorsements ?? []);
  const proofs = inclusionProofs(message.unprotectedHeader);
  let verified: VerifiedReceipt | undefined;
  for (const proof of proofs) {
    requireClaims(proof.claimsDigest, options);
    const root = foldProof(leafOf(proof), proof.path);
    if (!coseSign1Verify(message, root, key.verifyingKey)) {
      throw receiptErrors(
        "RECEIPT_SIGNATURE_INVALID",
        "the service's signature does not fit the root that leaf and proof lead to",
      );
    }
    const { transactionId, claimsDigest } = proof;
    verified ??= { root, signer: key.id, transactionId, claimsDigest };
  }
  if (verified === undefined) throw malformed("it holds no proof");
  return verified;
}

function parseMessage(receipt: Uint8Array): { message: CoseSign1; header: ReadHeader } {
  try {
    const message = coseSign1Parse(receipt);
    return { message, header: readHeader(message.protectedHeader) };
  } catch (cause) {
    throw malformed("it is not a tagged COSE_Sign1", cause);
  }
}

/** The service's key, or the former one that the endorsements lead to. */
function signingKey(
  header: ReadHeader,
  serviceKey: PublicKey,
  endorsements: readonly Uint8Array[],
): PublicKey {
  let key = serviceKey;
  let epoch: IdentityEndorsement | undefined;
  for (const endorsement of endorsements) {
    if (header.kid === key.id) break;
    epoch = verifyIdentityEndorsement(endorsement, key);
    key = epoch.endorsedKey;
  }
  if (header.kid !== key.id) {
    throw receiptErrors(
      "RECEIPT_SERVICE_MISMATCH",
      "the receipt was signed by another service key",
      {
        details: { kid: header.kid ?? "", expected: serviceKey.id },
        hint: "after a recovery, add the endorsements of the former service identities",
      },
    );
  }
  if (epoch !== undefined) requireWithin(header.txid ?? "", epoch);
  return key;
}

/** A former service's key counts for what it signed while it was the service's. */
function requireWithin(txid: string, epoch: IdentityEndorsement): void {
  const at = parseTransactionId(txid);
  const start = parseTransactionId(epoch.epochStart);
  const end = parseTransactionId(epoch.epochEnd ?? "");
  if (
    at === undefined ||
    start === undefined ||
    end === undefined ||
    at.seqno < start.seqno ||
    at.seqno > end.seqno ||
    at.view < start.view ||
    at.view > end.view
  ) {
    throw receiptErrors(
      "RECEIPT_SERVICE_MISMATCH",
      `the former service key is not endorsed for transaction ${txid}`,
    );
  }
}

interface Proof {
  readonly transactionId: string;
  readonly writeSetDigest: Uint8Array;
  readonly commitEvidence: string;
  readonly claimsDigest: Uint8Array;
  readonly path: readonly ProofStep[];
}

function inclusionProofs(unprotectedHeader: Uint8Array): Proof[] {
  const proofs = read(unprotectedHeader).get(COSE_HEADER.dataProofs);
  const inclusion: unknown = proofs instanceof Map ? proofs.get(COSE_PROOF.inclusion) : undefined;
  if (!Array.isArray(inclusion) || inclusion.length === 0)
    throw malformed("it holds no inclusion proof");
  return inclusion.map((bytes: unknown) => {
    if (!(bytes instanceof Uint8Array)) throw malformed("a proof is not a byte string");
    return readProof(read(bytes));
  });
}

function readProof(proof: CborMap): Proof {
  const leaf: unknown = proof.get(COSE_PROOF.leaf);
  const path: unknown = proof.get(COSE_PROOF.path);
  if (!Array.isArray(leaf) || leaf.length !== 3) throw malformed("a proof has no leaf");
  if (!Array.isArray(path) || path.length > PATH_LENGTH_MAX) throw malformed("a proof has no path");
  const [writeSetDigest, commitEvidence, claimsDigest] = leaf as unknown[];
  if (!isHash(writeSetDigest) || !isHash(claimsDigest)) throw malformed("a digest is not 32 bytes");
  if (typeof commitEvidence !== "string" || commitEvidence.length > COMMIT_EVIDENCE_LENGTH_MAX) {
    throw malformed("the commit evidence is not text");
  }
  const transactionId = transactionOfEvidence(commitEvidence);
  if (transactionId === undefined) throw malformed("the commit evidence names no transaction");
  return { transactionId, writeSetDigest, commitEvidence, claimsDigest, path: path.map(readStep) };
}

function readStep(step: unknown): ProofStep {
  const [left, hash] = Array.isArray(step) && step.length === 2 ? (step as unknown[]) : [];
  if (typeof left !== "boolean" || !isHash(hash))
    throw malformed("a step of the path is malformed");
  return { left, hash };
}

function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32;
}

function read(bytes: Uint8Array): CborMap {
  try {
    return decodeMap(bytes);
  } catch (cause) {
    throw malformed("its proofs are not CBOR", cause);
  }
}

function malformed(what: string, cause?: unknown): Error {
  return receiptErrors("RECEIPT_MALFORMED", `the COSE receipt cannot be used: ${what}`, { cause });
}
