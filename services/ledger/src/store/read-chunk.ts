// SPDX-License-Identifier: Apache-2.0
import type { ClientBase } from "pg";
import type { StoredChunk } from "./copy-parser.js";
import { columnToNumber } from "./seqno.js";

/**
 * Parameters: group, seqno.
 */
const READ_CHUNK = `
  select
    first_seqno,
    last_seqno,
    view,
    entries
  from ledger.chunk
  where group_id = $1
    and first_seqno <= $2
  order by first_seqno desc
  limit 1`;

interface ChunkRow {
  first_seqno: string;
  last_seqno: string;
  view: string;
  entries: Buffer;
}

export async function readChunk(
  client: ClientBase,
  group: number,
  seqno: number,
): Promise<StoredChunk | undefined> {
  const { rows } = await client.query<ChunkRow>({
    name: "read_chunk",
    text: READ_CHUNK,
    values: [group, seqno],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  const lastSeqno = columnToNumber(row.last_seqno, "last_seqno");
  if (lastSeqno < seqno) return undefined;
  return {
    firstSeqno: columnToNumber(row.first_seqno, "first_seqno"),
    lastSeqno,
    view: columnToNumber(row.view, "view"),
    entries: row.entries,
  };
}
