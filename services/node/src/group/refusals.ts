// SPDX-License-Identifier: Apache-2.0
import { nodeErrors } from "../errors.js";

/** While the store is silent, another node may lead. */
export function cutOff(): Error {
  return nodeErrors("LEASE_EXPIRED", "the store did not confirm the lease in time");
}

/** Of a node that members have removed. */
export function retired(nodeId: string): Error {
  return nodeErrors("NODE_RETIRED", `members have retired node ${nodeId}: it serves no more`, {
    hint: "stop its process; to take part again, let it join as a new node with an empty folder",
    details: { node_id: nodeId },
  });
}

/** Of a process that is not the only one with its identity. */
export function twin(nodeId: string): Error {
  return nodeErrors("NODE_ALREADY_RUNNING", "another process leads with this node's identity", {
    hint: "stop the other process, or give this node a private file of its own",
    details: { node_id: nodeId },
  });
}
