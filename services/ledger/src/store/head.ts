// SPDX-License-Identifier: Apache-2.0
import type { ClientBase } from "pg";
import { storeErrors } from "./errors.js";
import { columnToNumber } from "./seqno.js";

/** Where a group's ledger ends, and who may append to it. */
export interface Head {
  group: number;
  /** 1 before the first primary, whose view is 2. */
  view: number;
  /** 0 before the first entry. */
  lastSeqno: number;
  /** Node id of the primary, as long as it has not released its lease. */
  holder: string | undefined;
  /** Tells two processes with one node id apart. */
  instance: string | undefined;
  /** By the database's clock; 0 if the lease is free or has run out. */
  leaseRemainingMs: number;
}

/**
 * Parameters: group.
 */
const READ_HEAD = `
  select
    view,
    last_seqno,
    holder,
    instance,
    greatest(0, coalesce(extract(epoch from lease_until - clock_timestamp()) * 1000, 0))::double precision
      as lease_remaining_ms
  from ledger.head
  where group_id = $1`;

interface HeadRow {
  view: string;
  last_seqno: string;
  holder: string | null;
  instance: string | null;
  lease_remaining_ms: number;
}

export async function readHead(client: ClientBase, group: number): Promise<Head> {
  const { rows } = await client.query<HeadRow>({
    name: "read_head",
    text: READ_HEAD,
    values: [group],
  });
  const row = rows[0];
  if (row === undefined) {
    throw storeErrors("GROUP_NOT_VISIBLE", `the database login does not see group ${group}`, {
      hint: "Give the login access to the group, or check which login the connection string names.",
      details: { group: String(group) },
    });
  }
  return {
    group,
    view: columnToNumber(row.view, "view"),
    lastSeqno: columnToNumber(row.last_seqno, "last_seqno"),
    holder: row.holder ?? undefined,
    instance: row.instance ?? undefined,
    leaseRemainingMs: Math.ceil(row.lease_remaining_ms),
  };
}
