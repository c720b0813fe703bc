// SPDX-License-Identifier: Apache-2.0
import type { ClientBase } from "pg";
import { type Head, readHead } from "./head.js";
import { columnToNumber } from "./seqno.js";

/** Who wants to lead, or leads, a group. */
export interface LeaseHolder {
  group: number;
  /** Node id. */
  holder: string;
  /** One for each start of a process, so that two live copies of one node exclude each other. */
  instance: string;
  leaseMs: number;
}

/**
 * What became of a request to lead. Only `acquired` gives the right to append.
 * - `held`: another process has it; try again when `head.leaseRemainingMs` have passed.
 * - `ahead`: the store has entries that the caller has not verified yet; replay them and try again.
 * - `behind`: the store has less than the caller has verified: the ledger was rolled back.
 */
export type LeaseOutcome =
  | { outcome: "acquired"; view: number; lastSeqno: number; sentAt: number }
  | { outcome: "held"; head: Head }
  | { outcome: "ahead"; head: Head }
  | { outcome: "behind"; head: Head };

/**
 * Takes the head with the next view. As long as the ledger is empty that is view 2, so that the first
 * entry is 2.1 even if the first process failed before it wrote it.
 * Parameters: group, holder, instance, lease in ms, verified seqno.
 */
const ACQUIRE_LEASE = `
  update ledger.head
  set
    view = case when last_seqno = 0 then 2 else view + 1 end,
    holder = $2,
    instance = $3,
    lease_until = clock_timestamp() + $4 * interval '1 millisecond'
  where group_id = $1
    and last_seqno = $5
    and (lease_until is null or lease_until <= clock_timestamp() or instance = $3)
  returning view`;

export async function acquireLease(
  client: ClientBase,
  { group, holder, instance, leaseMs }: LeaseHolder,
  verifiedSeqno: number,
): Promise<LeaseOutcome> {
  const sentAt = performance.now();
  const { rows } = await client.query<{ view: string }>({
    name: "acquire_lease",
    text: ACQUIRE_LEASE,
    values: [group, holder, instance, leaseMs, verifiedSeqno],
  });
  const row = rows[0];
  if (row !== undefined) {
    const view = columnToNumber(row.view, "view");
    return { outcome: "acquired", view, lastSeqno: verifiedSeqno, sentAt };
  }
  const head = await readHead(client, group);
  if (head.lastSeqno > verifiedSeqno) return { outcome: "ahead", head };
  if (head.lastSeqno < verifiedSeqno) return { outcome: "behind", head };
  return { outcome: "held", head };
}

/**
 * Parameters: group, view, holder, instance, lease in ms.
 */
const RENEW_LEASE = `
  update ledger.head
  set lease_until = clock_timestamp() + $5 * interval '1 millisecond'
  where group_id = $1
    and view = $2
    and holder = $3
    and instance = $4`;

export async function renewLease(
  client: ClientBase,
  { group, holder, instance, leaseMs }: LeaseHolder,
  view: number,
): Promise<"renewed" | "fenced"> {
  const { rowCount } = await client.query({
    name: "renew_lease",
    text: RENEW_LEASE,
    values: [group, view, holder, instance, leaseMs],
  });
  return rowCount === 1 ? "renewed" : "fenced";
}

/**
 * Parameters: group, view, holder, instance.
 */
const RELEASE_LEASE = `
  update ledger.head
  set
    holder = null,
    instance = null,
    lease_until = null
  where group_id = $1
    and view = $2
    and holder = $3
    and instance = $4`;

export async function releaseLease(
  client: ClientBase,
  { group, holder, instance }: LeaseHolder,
  view: number,
): Promise<"released" | "fenced"> {
  const { rowCount } = await client.query({
    name: "release_lease",
    text: RELEASE_LEASE,
    values: [group, view, holder, instance],
  });
  return rowCount === 1 ? "released" : "fenced";
}
