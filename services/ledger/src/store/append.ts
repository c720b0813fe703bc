// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import type { LeaseHolder } from "./lease.js";
import { storeErrors } from "./errors.js";
import { columnToNumber, requireInteger } from "./seqno.js";

/** All entries of one commit. */
export interface Chunk {
  view: number;
  /** The seqno before the first entry. */
  previousSeqno: number;
  lastSeqno: number;
  /** The entries one after the other, as they are on the ledger. Must not change until answered. */
  entries: Uint8Array;
}

/** A chunk is held in memory several times on its way; nothing sensible is near this. */
export const CHUNK_BYTES_MAX = 256 * 1024 * 1024;

export function requireValidChunk({ view, previousSeqno, lastSeqno, entries }: Chunk): void {
  requireInteger(view, "view", 2);
  requireInteger(previousSeqno, "previousSeqno", 0);
  requireInteger(lastSeqno, "lastSeqno", previousSeqno + 1);
  if (entries.length > 0 && entries.length <= CHUNK_BYTES_MAX) return;
  throw storeErrors(
    "CHUNK_INVALID",
    `a chunk holds 1 to ${CHUNK_BYTES_MAX} bytes, not ${entries.length}`,
  );
}

/**
 * Inserts the chunk and moves the head, if the head is still where the writer left it. A lease that ran
 * out does no harm as long as nobody else took it.
 * Parameters: group, view, holder, instance, previous seqno, last seqno, lease in ms, entries.
 */
const APPEND = `
  with moved as (
    update ledger.head
    set
      last_seqno = $6,
      lease_until = clock_timestamp() + $7 * interval '1 millisecond'
    where group_id = $1
      and view = $2
      and holder = $3
      and instance = $4
      and last_seqno = $5
    returning
      group_id,
      view,
      last_seqno
  )
  insert into ledger.chunk (group_id, first_seqno, last_seqno, view, entries)
  select
    group_id,
    $5::bigint + 1,
    last_seqno,
    view,
    $8::bytea
  from moved`;

/** `unmoved`: the head was not where it was expected, and nothing has changed. */
export async function append(
  client: ClientBase,
  { group, holder, instance, leaseMs }: LeaseHolder,
  { view, previousSeqno, lastSeqno, entries }: Chunk,
): Promise<"appended" | "unmoved"> {
  const { rowCount } = await client.query({
    name: "append",
    text: APPEND,
    values: [group, view, holder, instance, previousSeqno, lastSeqno, leaseMs, entries],
  });
  return rowCount === 1 ? "appended" : "unmoved";
}

/**
 * Parameters: group, first seqno, digest of the entries.
 */
const FIND_APPENDED = `
  select
    head.view,
    head.last_seqno,
    head.holder,
    head.instance,
    chunk.view as chunk_view,
    chunk.last_seqno as chunk_last_seqno,
    sha256(chunk.entries) = $3 as is_same
  from ledger.head
  left join ledger.chunk on chunk.group_id = head.group_id and chunk.first_seqno = $2
  where head.group_id = $1`;

interface FoundRow {
  view: string;
  last_seqno: string;
  holder: string | null;
  instance: string | null;
  chunk_view: string | null;
  chunk_last_seqno: string | null;
  is_same: boolean | null;
}

/**
 * Whether a chunk that was sent is on the ledger. `possible`: it is not, and can still be appended.
 * `fenced`: it is not and never will be, for the head has moved on without it.
 */
export async function findAppended(
  client: ClientBase,
  { group, holder, instance }: LeaseHolder,
  { view, previousSeqno, lastSeqno, entries }: Chunk,
): Promise<"appended" | "possible" | "fenced"> {
  const digest = createHash("sha256").update(entries).digest();
  const { rows } = await client.query<FoundRow>({
    name: "find_appended",
    text: FIND_APPENDED,
    values: [group, previousSeqno + 1, digest],
  });
  const row = rows[0];
  if (row === undefined) return "fenced";
  if (row.chunk_view !== null && row.chunk_last_seqno !== null) {
    const isOurs =
      columnToNumber(row.chunk_view, "view") === view &&
      columnToNumber(row.chunk_last_seqno, "last_seqno") === lastSeqno &&
      row.is_same === true;
    return isOurs ? "appended" : "fenced";
  }
  const isPossible =
    columnToNumber(row.view, "view") === view &&
    columnToNumber(row.last_seqno, "last_seqno") === previousSeqno &&
    row.holder === holder &&
    row.instance === instance;
  return isPossible ? "possible" : "fenced";
}
