// SPDX-License-Identifier: Apache-2.0
import { connectWritable } from "@consortium/kit";
import type { ClientBase } from "pg";
import { storeErrors } from "./errors.js";
import { columnToNumber, requireInteger } from "./seqno.js";
import { toStoreError } from "./store-error.js";

/** A snapshot as it is put into the store: parts of a file `snapshot_<seqno>_<evidence seqno>.committed`. */
export interface SnapshotFile {
  readonly seqno: number;
  readonly evidenceSeqno: number;
  readonly parts: readonly Uint8Array[];
  readonly byteLength: number;
}

/** A snapshot that is in the store. Nothing of it is trusted: who reads it verifies it. */
export interface StoredSnapshot {
  readonly seqno: number;
  readonly evidenceSeqno: number;
  readonly byteLength: number;
  readonly partCount: number;
  readonly storedAt: Date;
}

/** More is refused by the schema. */
const PART_BYTES_MAX = 16 * 1024 * 1024;
/** More is not read into memory unless it is asked for. */
export const SNAPSHOT_BYTES_MAX = 10 * 1024 ** 3;

/**
 * Parameters: group, seqno, seqno of the evidence, length in bytes, number of parts.
 */
const INSERT_SNAPSHOT = `
  insert into ledger.snapshot (group_id, seqno, evidence_seqno, byte_length, part_count)
  values ($1, $2, $3, $4, $5)
  on conflict do nothing`;

/**
 * Parameters: group, seqno, index of the part, its bytes.
 */
const INSERT_PART = `
  insert into ledger.snapshot_part (group_id, seqno, part_index, bytes)
  values ($1, $2, $3, $4)`;

/** In a transaction of the caller. `present`: one of this seqno is there already, and stays. */
export async function insertSnapshot(
  client: ClientBase,
  group: number,
  snapshot: SnapshotFile,
): Promise<"stored" | "present"> {
  const { seqno, evidenceSeqno, parts, byteLength } = snapshot;
  const { rowCount } = await client.query(INSERT_SNAPSHOT, [
    group,
    seqno,
    evidenceSeqno,
    byteLength,
    parts.length,
  ]);
  if (rowCount !== 1) return "present";
  for (const [index, bytes] of parts.entries()) {
    await client.query({
      name: "insert_snapshot_part",
      text: INSERT_PART,
      values: [group, seqno, index, bytes],
    });
  }
  return "stored";
}

export function requireValidSnapshot({
  seqno,
  evidenceSeqno,
  parts,
  byteLength,
}: SnapshotFile): void {
  requireInteger(seqno, "seqno", 1);
  requireInteger(evidenceSeqno, "evidenceSeqno", seqno + 1);
  let length = 0;
  for (const part of parts) {
    length += part.length;
    if (part.length > 0 && part.length <= PART_BYTES_MAX) continue;
    throw invalid(`a part holds 1 to ${PART_BYTES_MAX} bytes, not ${part.length}`);
  }
  if (length !== byteLength) throw invalid(`the parts hold ${length} bytes, not ${byteLength}`);
  if (length === 0) throw invalid("it is empty");
}

/**
 * Parameters: group, how many.
 */
const LIST_SNAPSHOTS = `
  select
    seqno,
    evidence_seqno,
    byte_length,
    part_count,
    stored_at
  from ledger.snapshot
  where group_id = $1
  order by seqno desc
  limit $2`;

interface SnapshotRow {
  seqno: string;
  evidence_seqno: string;
  byte_length: string;
  part_count: number;
  stored_at: Date;
}

/** Newest first. */
export async function listSnapshots(
  client: ClientBase,
  group: number,
  limit: number,
): Promise<StoredSnapshot[]> {
  const { rows } = await client.query<SnapshotRow>(LIST_SNAPSHOTS, [
    group,
    requireInteger(limit, "limit", 1),
  ]);
  return rows.map((row) => ({
    seqno: columnToNumber(row.seqno, "seqno"),
    evidenceSeqno: columnToNumber(row.evidence_seqno, "evidence_seqno"),
    byteLength: columnToNumber(row.byte_length, "byte_length"),
    partCount: row.part_count,
    storedAt: row.stored_at,
  }));
}

/** Fills one buffer with the parts as they come; they must be as long as the row says. */
export async function assemble(
  { seqno, byteLength }: StoredSnapshot,
  parts: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Buffer> {
  if (byteLength > bytesMax) {
    throw storeErrors(
      "SNAPSHOT_TOO_LARGE",
      `snapshot ${seqno} has ${byteLength} bytes, ${bytesMax} are allowed`,
      { hint: "Allow more, or replay the ledger from its start." },
    );
  }
  const whole = Buffer.allocUnsafeSlow(byteLength);
  let length = 0;
  for await (const part of parts) {
    if (length + part.length <= byteLength) whole.set(part, length);
    length += part.length;
  }
  if (length === byteLength) return whole;
  throw storeErrors(
    "STORE_INCONSISTENT",
    `the parts of snapshot ${seqno} have ${length} bytes, not ${byteLength}`,
    { hint: "Somebody has changed the database. Use another snapshot, or replay the ledger." },
  );
}

/**
 * Parameters: group, how many are kept.
 */
const DELETE_OLD = `
  delete from ledger.snapshot
  where group_id = $1
    and seqno not in (
      select seqno
      from ledger.snapshot
      where group_id = $1
      order by seqno desc
      limit $2
    )`;

export interface PruneSnapshotsOptions {
  /** Connection string of the owner of the database: no service may delete anything. */
  adminUrl: string;
  group: number;
  /** How many of the newest stay. */
  keep: number;
}

/** Deletes old snapshots, and says how many. The ledger stays whole, so nothing is lost but time. */
export async function pruneSnapshots(options: PruneSnapshotsOptions): Promise<number> {
  const { adminUrl, group } = options;
  const keep = requireInteger(options.keep, "keep", 1);
  const client = await connectWritable({
    url: adminUrl,
    applicationName: "ledger-prune",
    statementTimeoutMs: 0,
  });
  try {
    const { rowCount } = await client.query(DELETE_OLD, [requireInteger(group, "group", 0), keep]);
    return rowCount ?? 0;
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end();
  }
}

function invalid(why: string): Error {
  return storeErrors("SNAPSHOT_INVALID", `the snapshot cannot be stored: ${why}`);
}
