// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit/errors";
import { parseTransactionId } from "../entry/transaction-id.js";
import { verifyCoseReceipt } from "../receipt/verify-cose-receipt.js";
import { verifyReceipt, type VerifiedReceipt } from "../receipt/verify-receipt.js";
import { decodeUtf8 } from "../tables/json.js";
import { snapshotErrors } from "./errors.js";

/** The receipt of a snapshot: that its digest stands on the ledger. */
export interface SnapshotReceipt {
  /** The transaction that gives evidence. */
  readonly transactionId: string;
  readonly seqno: number;
  /** Key id of the service in a COSE receipt, node id in a JSON receipt. */
  readonly signer: string;
  readonly kind: "cose" | "json";
}

export interface ReceiptTrust {
  readonly serviceCertPem: string;
  /** COSE endorsements of former service identities, newest first. */
  readonly endorsements?: readonly Uint8Array[] | undefined;
}

const COSE_SIGN1_TAG = 0xd2;
const JSON_OBJECT = 0x7b;
/** A path of 64 steps and a certificate are far below this. */
export const RECEIPT_BYTES_MAX = 1024 * 1024;

/** Verifies the receipt at the end of a snapshot with this digest and seqno. */
export function verifySnapshotReceipt(
  receipt: Uint8Array,
  snapshot: { readonly digest: Uint8Array; readonly seqno: number },
  trust: ReceiptTrust,
): SnapshotReceipt {
  if (receipt.length === 0) {
    throw snapshotErrors("SNAPSHOT_RECEIPT_MISSING", "the snapshot has no receipt", {
      hint: "wait until its evidence is committed, or use another snapshot",
    });
  }
  const kind = kindOf(receipt);
  const verified = verify(receipt, kind, snapshot.digest, trust);
  const { transactionId = "" } = verified;
  const evidence = parseTransactionId(transactionId);
  if (evidence === undefined || evidence.seqno <= snapshot.seqno) {
    throw invalid(`it is of transaction ${transactionId}, which does not follow the snapshot`);
  }
  return { transactionId, seqno: evidence.seqno, signer: verified.signer, kind };
}

function kindOf(receipt: Uint8Array): SnapshotReceipt["kind"] {
  if (receipt.length > RECEIPT_BYTES_MAX) throw invalid(`it has ${receipt.length} bytes`);
  if (receipt[0] === COSE_SIGN1_TAG) return "cose";
  if (receipt[0] === JSON_OBJECT) return "json";
  throw invalid("it is neither COSE nor JSON");
}

function verify(
  receipt: Uint8Array,
  kind: SnapshotReceipt["kind"],
  claimsDigest: Uint8Array,
  { serviceCertPem, endorsements = [] }: ReceiptTrust,
): VerifiedReceipt {
  try {
    return kind === "cose"
      ? verifyCoseReceipt(receipt, serviceCertPem, { claimsDigest, endorsements })
      : verifyReceipt(decodeUtf8(receipt), serviceCertPem, { claimsDigest });
  } catch (error) {
    if (isAppError(error) && error.code === "RECEIPT_CLAIMS_MISMATCH") {
      throw snapshotErrors(
        "SNAPSHOT_DIGEST_MISMATCH",
        "the snapshot is not the one that its receipt is for",
        { hint: "use another snapshot, or replay the ledger from its start", cause: error },
      );
    }
    const isOthers =
      isAppError(error) &&
      (error.code === "RECEIPT_SERVICE_MISMATCH" || error.code === "RECEIPT_CERTIFICATE_UNTRUSTED");
    if (isOthers) {
      throw snapshotErrors(
        "SNAPSHOT_SERVICE_MISMATCH",
        "the receipt of the snapshot is not the expected service's",
        { hint: "after a recovery, use a snapshot that was taken since", cause: error },
      );
    }
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function invalid(what: string, cause?: unknown): Error {
  return snapshotErrors(
    "SNAPSHOT_RECEIPT_INVALID",
    `the snapshot's receipt does not hold: ${what}`,
    {
      cause,
    },
  );
}
