// SPDX-License-Identifier: Apache-2.0
import type { app } from "@consortium/proto";
import type { KvClient } from "../../connect/clients.js";
import { encodeBytes, type Encoding } from "../../views/bytes.js";

/** A record as JSON. `keyEncoding` and `valueEncoding` say how to read the texts. */
export interface RecordView {
  key: string;
  keyEncoding: Encoding;
  value: string | null;
  valueEncoding: Encoding | null;
  version: string;
}

export function viewRecord(
  entry: { key: Uint8Array; value: Uint8Array; version: bigint },
  wanted?: Encoding,
  options: { keysOnly?: boolean } = {},
): RecordView {
  const key = encodeBytes(entry.key);
  const value = options.keysOnly === true ? undefined : encodeBytes(entry.value, wanted);
  return {
    key: key.text,
    keyEncoding: key.encoding,
    value: value?.text ?? null,
    valueEncoding: value?.encoding ?? null,
    version: entry.version.toString(),
  };
}

export interface RangeQuery {
  map: string;
  start: Uint8Array;
  end: Uint8Array;
  limit: number;
  keysOnly: boolean;
}

const PAGE_SIZE_MAX = 1000;

/** Up to `limit` records in the order of their keys, over as many pages as it takes. */
export async function readRange(
  client: KvClient,
  query: RangeQuery,
): Promise<{ entries: app.KeyValue[]; transactionId: string; more: boolean }> {
  const { map, start, end, keysOnly } = query;
  const entries: app.KeyValue[] = [];
  let pageToken = "";
  for (;;) {
    const pageSize = Math.min(query.limit - entries.length, PAGE_SIZE_MAX);
    const page = await client.range({ groupId: 0, map, start, end, pageSize, pageToken, keysOnly });
    entries.push(...page.entries);
    pageToken = page.nextPageToken;
    if (pageToken === "" || entries.length >= query.limit) {
      return { entries, transactionId: page.transactionId, more: pageToken !== "" };
    }
  }
}
