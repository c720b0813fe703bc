// SPDX-License-Identifier: Apache-2.0
import type { app } from "@consortium/proto";
import { cliErrors } from "../../errors.js";
import { decodeBytes, type Encoding, ENCODINGS } from "../../views/bytes.js";

/* A transaction as JSON:

   {
     "compares": [{ "map": "m", "key": "k", "exists": true }, { …, "version": 12 }, { …, "value": "v" }],
     "success":  [{ "put": { "map": "m", "key": "k", "value": "v" } }, { "get": { … } }, { "delete": { … } }],
     "failure":  []
   }

   A key or a value is text, or {"hex": "…"} or {"base64": "…"}. */

export type ParsedTxn = Pick<app.TxnRequest, "compares" | "success" | "failure">;

const NOT_NEGATIVE_INTEGER = /^(0|[1-9]\d{0,18})$/;

export function parseTxn(value: unknown): ParsedTxn {
  const root = asObject(value, "the transaction", ["compares", "success", "failure"]);
  return {
    compares: asList(root["compares"], "compares").map((item, i) =>
      parseCompare(item, `compares[${i}]`),
    ),
    success: asList(root["success"], "success").map((item, i) =>
      parseOperation(item, `success[${i}]`),
    ),
    failure: asList(root["failure"], "failure").map((item, i) =>
      parseOperation(item, `failure[${i}]`),
    ),
  };
}

function parseCompare(value: unknown, path: string): app.Compare {
  const raw = asObject(value, path, ["map", "key", "exists", "version", "value"]);
  const given = ["exists", "version", "value"].filter((name) => raw[name] !== undefined);
  if (given.length !== 1)
    throw invalid(path, 'needs exactly one of "exists", "version" and "value"');
  return {
    map: asText(raw["map"], `${path}.map`),
    key: asBytes(raw["key"], `${path}.key`),
    condition: parseCondition(raw, path),
  };
}

function parseCondition(
  raw: Record<string, unknown>,
  path: string,
): NonNullable<app.Compare["condition"]> {
  const { exists, version } = raw;
  if (typeof exists === "boolean") return { $case: "exists", value: exists };
  if (exists !== undefined) throw invalid(`${path}.exists`, "must be true or false");
  if (version === undefined)
    return { $case: "value", value: asBytes(raw["value"], `${path}.value`) };
  const text =
    typeof version === "number" && Number.isSafeInteger(version) ? String(version) : version;
  if (typeof text === "string" && NOT_NEGATIVE_INTEGER.test(text))
    return { $case: "version", value: BigInt(text) };
  throw invalid(`${path}.version`, "must be a seqno");
}

function parseOperation(value: unknown, path: string): app.Operation {
  const raw = asObject(value, path, ["get", "put", "delete"]);
  const [kind, ...others] = Object.keys(raw);
  if (kind === undefined || others.length > 0)
    throw invalid(path, 'needs exactly one of "get", "put" and "delete"');
  const at = `${path}.${kind}`;
  const fields = asObject(raw[kind], at, kind === "put" ? ["map", "key", "value"] : ["map", "key"]);
  const target = {
    map: asText(fields["map"], `${at}.map`),
    key: asBytes(fields["key"], `${at}.key`),
  };
  if (kind === "get") return { operation: { $case: "get", value: target } };
  if (kind === "delete") return { operation: { $case: "delete", value: target } };
  return {
    operation: {
      $case: "put",
      value: { ...target, value: asBytes(fields["value"], `${at}.value`) },
    },
  };
}

function asObject(value: unknown, path: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(path, "must be an object");
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(path, `has an unknown field "${unknown}"`);
  return value as Record<string, unknown>;
}

function asList(value: unknown, path: string): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw invalid(path, "must be a list");
}

function asText(value: unknown, path: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(path, "must be a text that is not empty");
}

function asBytes(value: unknown, path: string): Uint8Array {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  const raw = asObject(value, path, ENCODINGS);
  const [encoding, ...others] = Object.keys(raw) as Encoding[];
  const text = encoding === undefined ? undefined : raw[encoding];
  if (encoding === undefined || others.length > 0 || typeof text !== "string") {
    throw invalid(path, 'must be a text, or {"hex": "…"} or {"base64": "…"}');
  }
  const bytes = decodeBytes(text, encoding);
  if (bytes === undefined) throw invalid(path, `is not ${encoding}`);
  return bytes;
}

function invalid(path: string, problem: string): Error {
  return cliErrors("INVALID_INPUT", `${path} ${problem}`, {
    details: { field: path },
    hint: "See `ccfctl kv txn --help` for the form.",
  });
}
