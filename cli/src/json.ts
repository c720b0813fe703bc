// SPDX-License-Identifier: Apache-2.0

/** What a command may return: 64-bit numbers are decimal text, bytes are base64 text. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Parses text a service sent as JSON; what is not JSON stays text. */
export function parseJsonText(text: string): Json {
  if (text === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
