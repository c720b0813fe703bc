// SPDX-License-Identifier: Apache-2.0
import {
  canonicalJson,
  decodeJson,
  type JsonObject,
  type JsonValue,
  keyFromText,
  keyToText,
  type KvReader,
  TABLES,
} from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { type Page, type PageRequest, readPage } from "./page.js";

/** The stored names and those of the API. Others are shown as they are stored. */
const CAMEL_CASE: Readonly<Record<string, string>> = {
  js_module: "jsModule",
  js_function: "jsFunction",
  forwarding_required: "forwardingRequired",
  redirection_strategy: "redirectionStrategy",
  authn_policies: "authnPolicies",
  openapi: "openApi",
  openapi_hidden: "openApiHidden",
};

/** The endpoints by path and verb. Rows are keyed `<VERB> <path>`. */
export function javascriptAppJson(kv: KvReader, originalCase: boolean): string {
  const endpoints = new Map<string, [string, JsonValue][]>();
  for (const [key, { value }] of kv.entries(TABLES.endpoints)) {
    const text = keyToText(key);
    const separator = text.indexOf(" ");
    const [verb, path] = [text.slice(0, separator), text.slice(separator + 1)];
    const endpoint = decodeJson(value);
    const methods = endpoints.get(path) ?? [];
    methods.push([verb, originalCase ? endpoint : inCamelCase(endpoint)]);
    endpoints.set(path, methods);
  }
  const byPath = [...endpoints].map(
    ([path, methods]) => [path, Object.fromEntries(methods)] as const,
  );
  return canonicalJson({ endpoints: Object.fromEntries(byPath) });
}

export function listModules(kv: KvReader, page: PageRequest): Page<string> {
  return readPage(kv, TABLES.modules, page, (key) => keyToText(key));
}

/** Throws `MODULE_NOT_FOUND`. */
export function getModule(kv: KvReader, name: string): string {
  const row = kv.get(TABLES.modules, keyFromText(name));
  if (row !== undefined) return Buffer.from(row.value).toString("utf8");
  throw governanceErrors("MODULE_NOT_FOUND", `Module ${name.slice(0, 200)} does not exist.`);
}

function inCamelCase(endpoint: JsonValue): JsonValue {
  if (typeof endpoint !== "object" || endpoint === null || Array.isArray(endpoint)) return endpoint;
  const members = Object.entries(endpoint as JsonObject);
  return Object.fromEntries(members.map(([name, value]) => [CAMEL_CASE[name] ?? name, value]));
}
