// SPDX-License-Identifier: Apache-2.0
import { compareBinary } from "../entry/encode-maps.js";
import { keyFromText } from "../kv/types.js";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/**
 * The one JSON text of a value: no blanks, names sorted bytewise, absent members left out.
 * `JSON.stringify` cannot do it, because it puts names that look like numbers first.
 */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value))
    return `[${value.map((item: JsonValue) => canonicalJson(item)).join(",")}]`;
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError("JSON has no text for a number that is not finite");
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const object = value as JsonObject;
  const members = Object.keys(object)
    .filter((name) => object[name] !== undefined)
    .map((name): [string, string] => [keyFromText(name), name])
    .sort((a, b) => compareBinary(a[0], b[0]))
    .map(([, name]) => `${JSON.stringify(name)}:${canonicalJson(object[name] as JsonValue)}`);
  return `{${members.join(",")}}`;
}

/** {@link canonicalJson} in UTF-8. */
export function encodeJson(value: JsonValue): Uint8Array {
  return Buffer.from(canonicalJson(value), "utf8");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text that must be UTF-8; throws a `TypeError` otherwise. */
export function decodeUtf8(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** JSON of any layout; throws what the decoder or the parser throws. */
export function decodeJson(bytes: Uint8Array): JsonValue {
  return JSON.parse(decodeUtf8(bytes)) as JsonValue;
}

/** Bytes of standard base64 in its one padded form; `undefined` for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Bytes of lower-case hex, of a given length; `undefined` for anything else. */
export function decodeHex(text: string, length: number): Uint8Array | undefined {
  return text.length === length * 2 && /^[0-9a-f]*$/.test(text)
    ? Buffer.from(text, "hex")
    : undefined;
}

export function encodeHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
