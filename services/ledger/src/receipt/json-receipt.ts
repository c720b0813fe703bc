// SPDX-License-Identifier: Apache-2.0
import { fromPem } from "@consortium/kit/x509";
import * as z from "zod";
import { decodeBase64, decodeHex } from "../tables/json.js";
import { receiptErrors } from "./errors.js";

const hex32 = z
  .string()
  .refine((text) => decodeHex(text, 32) !== undefined, "expected 64 hex digits");
const pem = z
  .string()
  .startsWith("-----BEGIN CERTIFICATE-----")
  .refine((text) => fromPem("CERTIFICATE", text) !== undefined, "expected a certificate in PEM");

const step = z.union([z.strictObject({ left: hex32 }), z.strictObject({ right: hex32 })]);

const schema = z.looseObject({
  signature: z.string().refine((text) => decodeBase64(text) !== undefined, "expected base64"),
  proof: z.array(step).max(64),
  node_id: hex32,
  cert: pem,
  /** Only of a signature transaction (its root) and of the oldest entries. */
  leaf: hex32.optional(),
  leaf_components: z
    .looseObject({
      write_set_digest: hex32,
      commit_evidence: z.string().min(1).max(1024),
      claims_digest: hex32.optional(),
    })
    .optional(),
  service_endorsements: z.array(pem).optional(),
  is_signature_transaction: z.boolean().optional(),
});

/** A receipt as CCF's tools know it. */
export type JsonReceipt = z.infer<typeof schema>;

/** Reads a receipt from JSON text or from a parsed value. Throws `RECEIPT_MALFORMED`. */
export function parseJsonReceipt(receipt: unknown): JsonReceipt {
  let value = receipt;
  if (typeof receipt === "string") {
    try {
      value = JSON.parse(receipt);
    } catch (cause) {
      throw receiptErrors("RECEIPT_MALFORMED", "the receipt is not JSON", { cause });
    }
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const fieldViolations = parsed.error.issues.map((issue) => ({
      field: issue.path.map(String).join("."),
      description: issue.message,
    }));
    const [first] = fieldViolations;
    const message = `the receipt is malformed at ${first?.field || "its top"}: ${first?.description}`;
    throw receiptErrors("RECEIPT_MALFORMED", message, { fieldViolations });
  }
  if ((parsed.data.leaf === undefined) === (parsed.data.leaf_components === undefined)) {
    const message = "the receipt needs either a leaf or its components";
    throw receiptErrors("RECEIPT_MALFORMED", message);
  }
  return parsed.data;
}
