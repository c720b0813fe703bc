// SPDX-License-Identifier: Apache-2.0
import { keyFromText, type KvReader } from "../kv/index.js";
import { rows, TABLES } from "../tables/index.js";
import { peerErrors } from "./errors.js";
import type { LedgerFollower } from "./follower.js";

/** What is asked of a follower here. */
interface Following extends Pick<LedgerFollower, "onAdvance"> {
  readonly replica: { readonly kv: { readonly committed: KvReader } };
}

/** Whether a node has no part in the service any more: Retired, or its row is gone. */
export function isRetired(kv: KvReader, nodeId: string): boolean {
  const row = kv.get(TABLES.nodesInfo, keyFromText(nodeId));
  return row === undefined || rows.nodesInfo.decode(row.value).status === "Retired";
}

/** Rejects with `NODE_RETIRED` once members have removed the node; resolves when told to stop. */
export function untilRetired(
  follower: Following,
  nodeId: string,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (isRetired(follower.replica.kv.committed, nodeId)) reject(retired(nodeId));
    };
    follower.onAdvance(check);
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
    check();
  });
}

function retired(nodeId: string): Error {
  return peerErrors("NODE_RETIRED", `members have retired node ${nodeId}: it serves no more`, {
    hint: "to take part again, let it join as a new node with an empty folder",
    details: { node_id: nodeId },
  });
}
