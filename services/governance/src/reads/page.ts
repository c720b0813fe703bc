// SPDX-License-Identifier: Apache-2.0
import type { KvKey, KvReader } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextPageToken: string;
}

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1_000;
const TOKEN = /^[A-Za-z0-9_-]{1,4096}$/;

/**
 * A page of a map, in the order of its keys. The token is where the next page starts, so that what
 * changes between two pages neither repeats nor hides a row. `undefined` leaves a row out.
 */
export function readPage<T>(
  kv: KvReader,
  map: string,
  { pageSize, pageToken }: PageRequest,
  read: (key: KvKey, value: Uint8Array) => T | undefined,
): Page<T> {
  if (pageSize > PAGE_SIZE_MAX) throw invalid("page_size", `expected 1 to ${PAGE_SIZE_MAX}`);
  const sizeMax = pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize;
  const range = pageToken === "" ? {} : { start: startOf(pageToken) };
  const items: T[] = [];
  for (const [key, { value }] of kv.entries(map, range)) {
    const item = read(key, value);
    if (item === undefined) continue;
    if (items.length === sizeMax) return { items, nextPageToken: tokenOf(key) };
    items.push(item);
  }
  return { items, nextPageToken: "" };
}

function tokenOf(key: KvKey): string {
  return Buffer.from(key, "latin1").toString("base64url");
}

function startOf(token: string): KvKey {
  if (!TOKEN.test(token)) throw invalid("page_token", "expected a token that an earlier page gave");
  return Buffer.from(token, "base64url").toString("latin1");
}

function invalid(field: string, description: string): Error {
  return governanceErrors("INVALID_PAGE", `${field} is invalid: ${description}`, {
    fieldViolations: [{ field, description }],
  });
}
