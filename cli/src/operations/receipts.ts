// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from "node:crypto";
import { isAppError } from "@consortium/kit/errors";
import type { NodeClient } from "../connect/clients.js";
import { cliErrors } from "../errors.js";
import { type Json, parseJsonText } from "../json.js";

export interface ReceiptResult {
  transactionId: string;
  receipt: Json;
  /** Base64; null for a signature transaction. */
  coseReceipt: string | null;
}

export async function getReceipt(
  client: NodeClient,
  transactionId: string,
): Promise<ReceiptResult> {
  const response = await client.getReceipt({ groupId: 0, transactionId });
  const cose = Buffer.from(response.receiptCose);
  return {
    transactionId: response.transactionId,
    receipt: parseJsonText(response.receiptJson),
    coseReceipt: cose.length === 0 ? null : cose.toString("base64"),
  };
}

export interface ReceiptVerification {
  verified: true;
  format: "json" | "cose";
  /** Null in the receipt of a signature transaction, which does not say. */
  transactionId: string | null;
  root: string;
  signer: string;
  claimsDigest: string | null;
  /** Whose service this is: SHA-256 of the service certificate. */
  serviceCertificateSha256: string;
}

const COSE_TAG = 0xd2;

/**
 * Verifies a receipt with nothing but the service certificate. Takes the JSON receipt, what
 * `receipt get --json` printed, or a COSE receipt.
 */
export async function verifyReceiptFile(
  content: Buffer,
  serviceCertificatePem: string,
  options: { claimsDigest?: Uint8Array } = {},
): Promise<ReceiptVerification> {
  const ledger = await import("@consortium/ledger/offline");
  const isCose = content[0] === COSE_TAG;
  const facts = attempt(() =>
    isCose
      ? ledger.verifyCoseReceipt(content, serviceCertificatePem, options)
      : ledger.verifyReceipt(readJsonReceipt(content), serviceCertificatePem, options),
  );
  const claims = facts.claimsDigest;
  return {
    verified: true,
    format: isCose ? "cose" : "json",
    transactionId: facts.transactionId ?? null,
    root: Buffer.from(facts.root).toString("hex"),
    signer: facts.signer,
    claimsDigest: claims === undefined ? null : Buffer.from(claims).toString("hex"),
    serviceCertificateSha256: new X509Certificate(serviceCertificatePem).fingerprint256
      .replaceAll(":", "")
      .toLowerCase(),
  };
}

/** A receipt that does not verify has its own exit code, whatever is wrong with it. */
function attempt<Result>(verify: () => Result): Result {
  try {
    return verify();
  } catch (error) {
    if (!isAppError(error) || !error.code.startsWith("RECEIPT_")) throw error;
    throw cliErrors("VERIFICATION_FAILED", `the receipt does not verify: ${error.message}`, {
      details: { ...error.details, reason: error.code },
      hint:
        error.hint ??
        "Do not rely on it; compare the service certificate with one from a source you trust.",
      cause: error,
    });
  }
}

function readJsonReceipt(content: Buffer): unknown {
  const value = parseReceiptJson(content);
  // What `receipt get --json` printed has the receipt in a field.
  return typeof value === "object" && value !== null && "receipt" in value ? value.receipt : value;
}

function parseReceiptJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch (cause) {
    throw cliErrors("VERIFICATION_FAILED", "this is neither a JSON receipt nor a COSE receipt", {
      details: { reason: "RECEIPT_MALFORMED" },
      hint: "`ccfctl receipt get ID > receipt.json` makes one.",
      cause,
    });
  }
}
