// SPDX-License-Identifier: Apache-2.0
import { keyFromBytes, type KvKey, keyToBytes, requireApplicationMap } from "@consortium/ledger";
import type { app } from "@consortium/proto";
import { invalid } from "./access.js";
import type { ReadableGroup } from "./group.js";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;
/** A page stays below the message limit of 4 MiB. */
const PAGE_BYTES_MAX = 3 * 1024 * 1024;

/** One page of a map, in bytewise order of keys. */
export function range(group: ReadableGroup, request: app.RangeRequest): app.RangeResponse {
  requireApplicationMap(request.map, "read");
  const pageSize = pageSizeOf(request.pageSize);
  const start =
    request.pageToken === "" ? keyFromBytes(request.start) : keyOfToken(request.pageToken);
  const bounds = request.end.length === 0 ? { start } : { start, end: keyFromBytes(request.end) };
  const entries: app.KeyValue[] = [];
  let bytes = 0;
  let nextPageToken = "";
  for (const [key, { value, version }] of group.committed.entries(request.map, bounds)) {
    bytes += key.length + (request.keysOnly ? 0 : value.length);
    if (entries.length === pageSize || (bytes > PAGE_BYTES_MAX && entries.length > 0)) {
      nextPageToken = tokenOf(key);
      break;
    }
    const shown = request.keysOnly ? new Uint8Array() : value;
    entries.push({ key: keyToBytes(key), value: shown, version: BigInt(version) });
  }
  return { entries, nextPageToken, transactionId: group.transactionId };
}

function pageSizeOf(asked: number): number {
  if (asked === 0) return PAGE_SIZE_DEFAULT;
  if (asked > PAGE_SIZE_MAX) throw invalid("page_size", `must be at most ${PAGE_SIZE_MAX}`);
  return asked;
}

/** A page token is the first key of the page, so that it survives a restart. */
function tokenOf(key: KvKey): string {
  return Buffer.from(keyToBytes(key)).toString("base64url");
}

function keyOfToken(token: string): KvKey {
  if (!/^[A-Za-z0-9_-]+$/.test(token)) throw invalid("page_token", "is not one this service gave");
  return keyFromBytes(Buffer.from(token, "base64url"));
}
