// SPDX-License-Identifier: Apache-2.0
import * as z from "zod";
import { tableErrors } from "./errors.js";
import { decodeBase64, decodeJson, decodeUtf8, encodeJson, type JsonValue } from "./json.js";

/** How the values of one table are written and read. */
export interface RowCodec<T> {
  readonly table: string;
  encode(row: T): Uint8Array;
  /** Throws `ROW_MALFORMED`. */
  decode(bytes: Uint8Array): T;
}

/** JSON: compact with sorted names when written, of any layout when read. */
export function jsonRow<Schema extends z.ZodType>(
  table: string,
  schema: Schema,
): RowCodec<z.infer<Schema>> {
  return {
    table,
    encode: (row) => encodeJson(row as JsonValue),
    decode(bytes) {
      let value: JsonValue;
      try {
        value = decodeJson(bytes);
      } catch (cause) {
        throw malformed(table, "it is not JSON", cause);
      }
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      const path = issue === undefined ? "" : issue.path.map(String).join(".");
      throw malformed(table, `${path === "" ? "it" : path}: ${issue?.message ?? "invalid"}`);
    },
  };
}

/** A value that is text as it is, as the PEM of a certificate. */
export function textRow(table: string): RowCodec<string> {
  return {
    table,
    encode: (row) => Buffer.from(row, "utf8"),
    decode(bytes) {
      try {
        return decodeUtf8(bytes);
      } catch (cause) {
        throw malformed(table, "it is not UTF-8", cause);
      }
    },
  };
}

function malformed(table: string, message: string, cause?: unknown): Error {
  return tableErrors("ROW_MALFORMED", `a row of ${table} is malformed: ${message}`, {
    details: { table },
    cause,
  });
}

const DIGITS = /^(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})$/;

export const count = z.int().min(0);
export const hexDigest = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 lower-case hex digits");
export const transactionId = z.string().regex(DIGITS, "expected view.seqno");
export const base64 = z
  .string()
  .refine((text) => decodeBase64(text) !== undefined, "expected base64");
export const json = z.json();
