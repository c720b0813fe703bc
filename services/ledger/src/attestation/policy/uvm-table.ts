// SPDX-License-Identifier: Apache-2.0
import { keyFromText, type KvReader } from "../../kv/types.js";
import { decodeJson, type JsonObject } from "../../tables/json.js";
import { TABLES } from "../../tables/names.js";
import { parseSvn } from "../uvm/index.js";

/** The least SVN that members trust of an issuer's feed; `undefined` if they trust none. */
export function minimumSvn(kv: KvReader, did: string, feed: string): bigint | undefined {
  return parseSvn(objectMember(feedsOf(kv, did), feed)?.["svn"]);
}

/** The feeds that members trust of an issuer. A row that nobody can read trusts nothing. */
export function feedsOf(kv: KvReader, did: string): JsonObject {
  const row = kv.get(TABLES.nodesSnpUvmEndorsements, keyFromText(did));
  return (row && readObject(row.value)) ?? {};
}

export function readObject(value: Uint8Array): JsonObject | undefined {
  try {
    return asObject(decodeJson(value));
  } catch {
    return undefined;
  }
}

/** A member that the object has itself: names may be those that all objects inherit. */
function objectMember(object: JsonObject, name: string): JsonObject | undefined {
  return Object.hasOwn(object, name) ? asObject(object[name]) : undefined;
}

function asObject(value: unknown): JsonObject | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : undefined;
}
