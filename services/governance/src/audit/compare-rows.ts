// SPDX-License-Identifier: Apache-2.0
import { type KvKey, keyToBytes, SINGLETON_KEY, type WriteSet } from "@consortium/ledger";
import { type CertificateEffect, certificateFault } from "./certificate-check.js";
import type { ExpectedRows } from "./expected-rows.js";
import { type Complaint, showBytes } from "./finding.js";

type Value = Uint8Array | null;

/** Every row that is not as it must be, in the order of tables and keys. */
export function compareRows(expected: ExpectedRows, found: WriteSet): Complaint[] {
  const complaints: Complaint[] = [];
  const tables = new Set([...expected.writes.keys(), ...expected.made.keys(), ...found.keys()]);
  for (const table of [...tables].sort()) {
    complaints.push(...compareTable(table, expected, found.get(table) ?? new Map()));
  }
  return complaints;
}

function* compareTable(
  table: string,
  expected: ExpectedRows,
  found: ReadonlyMap<KvKey, Value>,
): Iterable<Complaint> {
  const written = expected.writes.get(table) ?? new Map<KvKey, Value>();
  const check = expected.made.get(table);
  for (const key of [...new Set([...written.keys(), ...found.keys()])].sort()) {
    const place = { table, key: showKey(key) };
    const value = found.get(key);
    if (check !== undefined && key === SINGLETON_KEY) continue;
    const wanted = written.get(key);
    if (wanted === undefined) {
      yield {
        code: "ROW_UNEXPLAINED",
        message: "nothing in the request leads to this row",
        ...place,
        found: showValue(value ?? null),
      };
    } else if (value === undefined) {
      yield {
        code: "ROW_MISSING",
        message: "the row should have been written",
        ...place,
        expected: showValue(wanted),
      };
    } else {
      yield* compareValue(wanted, value, expected, place);
    }
  }
  if (check !== undefined) yield* checkMade(check, found.get(SINGLETON_KEY), table);
}

function* compareValue(
  wanted: Value,
  found: Value,
  expected: ExpectedRows,
  place: { table: string; key: string },
): Iterable<Complaint> {
  if (sameValue(wanted, found)) return;
  const placeholders = placeholdersIn(wanted, expected);
  if (placeholders.length > 0 && wanted !== null && found !== null) {
    const fault = certificatesFault(wanted, found, placeholders, expected.serviceCertificate);
    if (fault === undefined) return;
    yield { code: "CERTIFICATE_INVALID", message: fault, ...place, found: showValue(found) };
    return;
  }
  yield {
    code: "ROW_DIFFERS",
    message: "the row is not what was decided",
    ...place,
    expected: showValue(wanted),
    found: showValue(found),
  };
}

function* checkMade(
  check: (value: Uint8Array) => string | undefined,
  found: Value | undefined,
  table: string,
): Iterable<Complaint> {
  const place = { table, key: showKey(SINGLETON_KEY) };
  if (found === undefined || found === null) {
    yield { code: "ROW_MISSING", message: "the primary should have written the row", ...place };
    return;
  }
  const fault = check(found);
  if (fault === undefined) return;
  yield { code: "ROW_MALFORMED", message: fault, ...place, found: showValue(found) };
}

function placeholdersIn(
  wanted: Value,
  { certificates }: ExpectedRows,
): [string, CertificateEffect][] {
  if (wanted === null || certificates.size === 0) return [];
  const text = Buffer.from(wanted).toString("utf8");
  return [...certificates].filter(([placeholder]) => text.includes(placeholder));
}

/** The text around the certificates must be as it was decided, and so must be what they certify. */
function certificatesFault(
  wanted: Uint8Array,
  found: Uint8Array,
  placeholders: readonly [string, CertificateEffect][],
  serviceCertificate: string,
): string | undefined {
  const template = Buffer.from(wanted).toString("utf8");
  const text = Buffer.from(found).toString("utf8");
  const isJson = /^[{"[]/.test(template);
  const names = placeholders.map(([placeholder]) => placeholder);
  const pattern = template
    .split(new RegExp(`(${names.join("|")})`))
    .map((part) => (names.includes(part) ? "([A-Za-z0-9+/=\\s\\\\-]+?)" : escapeRegExp(part)))
    .join("");
  const match = new RegExp(`^${pattern}$`).exec(text);
  const order = template.match(new RegExp(names.join("|"), "g")) ?? [];
  if (match === null) return "the row around the certificate is not what was decided";
  for (const [index, name] of order.entries()) {
    const effect = placeholders.find(([placeholder]) => placeholder === name)?.[1];
    const pem = pemIn(match[index + 1] ?? "", isJson);
    if (effect === undefined || pem === undefined) return "the certificate cannot be read";
    const fault = certificateFault(pem, effect, serviceCertificate);
    if (fault !== undefined) return `the certificate is not as it was decided: ${fault}`;
  }
  return undefined;
}

function pemIn(text: string, isJson: boolean): string | undefined {
  if (!isJson) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function sameValue(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(a, b) === 0;
}

export function showKey(key: KvKey): string {
  return showBytes(keyToBytes(key));
}

function showValue(value: Value): string {
  return value === null ? "removed" : showBytes(value);
}
