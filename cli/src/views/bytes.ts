// SPDX-License-Identifier: Apache-2.0

export const ENCODINGS = ["utf8", "hex", "base64"] as const;
export type Encoding = (typeof ENCODINGS)[number];

// eslint-disable-next-line no-control-regex
const NOT_PRINTABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/;

/** The text of bytes that are printable UTF-8, else undefined. */
export function asPrintableText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return NOT_PRINTABLE.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** For people: text where it is text, else `0x…`. */
export function showBytes(bytes: Uint8Array): string {
  return asPrintableText(bytes) ?? `0x${Buffer.from(bytes).toString("hex")}`;
}

/** For programs: the encoding that was asked for, or text where it is text and base64 where not. */
export function encodeBytes(
  bytes: Uint8Array,
  wanted?: Encoding,
): { text: string; encoding: Encoding } {
  const encoding = wanted ?? (asPrintableText(bytes) === undefined ? "base64" : "utf8");
  return { text: Buffer.from(bytes).toString(encoding), encoding };
}

/** Strict: what is not exactly of that encoding is refused with `undefined`. */
export function decodeBytes(text: string, encoding: Encoding): Buffer | undefined {
  const bytes = Buffer.from(text, encoding);
  if (encoding === "hex" && (text.length % 2 !== 0 || bytes.length !== text.length / 2))
    return undefined;
  if (encoding === "base64" && !sameBase64(text, bytes)) return undefined;
  return bytes;
}

function sameBase64(text: string, bytes: Buffer): boolean {
  const bare = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return bytes.toString("base64").replace(/=+$/, "") === bare;
}
