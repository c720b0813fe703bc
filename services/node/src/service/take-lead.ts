// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@consortium/kit";
import type { GroupStore } from "@consortium/ledger";
import { nodeErrors } from "../errors.js";

/** How many leases of somebody else are waited for before giving up. */
const LEASES_WAITED_MAX = 5;

export interface LeadRequest {
  readonly store: GroupStore;
  readonly nodeId: string;
  /** The last seqno this process has verified; asked again after every catch-up. */
  readonly verifiedSeqno: () => number;
  /** Reads and verifies what the store has beyond that. */
  readonly catchUp: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Takes the lease with the next view, once the ledger is verified up to its head. */
export async function takeLead(request: LeadRequest): Promise<{ view: number; sentAt: number }> {
  const { store, signal, log } = request;
  let waited = 0;
  for (;;) {
    const lease = await store.acquireLease(request.verifiedSeqno());
    switch (lease.outcome) {
      case "acquired":
        return { view: lease.view, sentAt: lease.sentAt };
      case "ahead":
        await request.catchUp();
        break;
      case "behind":
        throw rolledBack(request.verifiedSeqno(), lease.head.lastSeqno);
      case "held":
        waited += 1;
        if (waited > LEASES_WAITED_MAX) throw held(request.nodeId, lease.head.holder ?? "");
        log.info({ holder: lease.head.holder }, "waiting for the lease of another process to end");
        await sleep(lease.head.leaseRemainingMs + 10, undefined, { signal });
    }
  }
}

/** The store has less than was verified before: somebody restored an old copy, or cut the ledger. */
export function rolledBack(verified: number, found: number): Error {
  return nodeErrors(
    "LEDGER_ROLLED_BACK",
    `this node has verified the ledger up to seqno ${verified}, the store ends at ${found}`,
    {
      hint: "restore the newest copy of the database; if none has it, recover the service",
      details: { verified_seqno: String(verified), store_seqno: String(found) },
    },
  );
}

function held(nodeId: string, holder: string): Error {
  if (holder === nodeId) {
    return nodeErrors("NODE_ALREADY_RUNNING", "another process leads with this node's identity", {
      hint: "stop the other process, or give this node a private file of its own",
      details: { node_id: nodeId },
    });
  }
  return nodeErrors("LEASE_HELD", `node ${holder} leads the group and keeps its lease`, {
    hint: "stop that node first, or join its service instead of starting one",
    details: { node_id: holder },
  });
}
