// SPDX-License-Identifier: Apache-2.0
import type { KvReader } from "@consortium/ledger";
import { findNode } from "../channel/peers.js";
import { nodeErrors } from "../errors.js";
import type { NodeView } from "../status/node-view.js";

export function committedOf(view: NodeView): KvReader {
  const committed = view.group?.committed;
  if (committed !== undefined) return committed;
  throw nodeErrors("NODE_NOT_READY", "this node is not part of the network yet", {
    retryAfterMs: 500,
  });
}

/** What only the primary does; the caller is told where it is. */
export function notHere(view: NodeView, what: string): Error {
  const { primaryNodeId = "" } = view.group ?? {};
  const interfaces = findNode(committedOf(view), primaryNodeId)?.rpc_interfaces ?? {};
  const first = Object.values(interfaces)[0];
  const address = first?.published_address ?? first?.bind_address;
  if (address === undefined) {
    return nodeErrors("NOT_PRIMARY", "no node leads the service now", { retryAfterMs: 500 });
  }
  return nodeErrors("NODE_CANNOT_HANDLE_REQUEST", `the primary at ${address} ${what}`, {
    hint: `ask ${address}`,
    details: { primary_address: address },
  });
}
