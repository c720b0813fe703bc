// SPDX-License-Identifier: Apache-2.0
import type { node } from "@consortium/proto";
import type { GroupState, NodeView } from "./node-view.js";
import { ROLE } from "./nodes.js";

/**
 * Who leads, under which lease, how far the others are, and the channels to them. It is answered at
 * any time: also by a node that has just stopped leading and reads the ledger again.
 */
export async function getConsensus(
  view: NodeView,
  group: GroupState | undefined,
): Promise<node.GetConsensusResponse> {
  const leaseRemainingMs = group?.leaseRemainingMs ?? (await leaseInStore(view));
  const answer: node.GetConsensusResponse_Group = {
    groupId: 0,
    view: BigInt(group?.view ?? 0),
    primaryNodeId: group?.primaryNodeId ?? "",
    leading: group?.leading === true,
    lastSeqno: BigInt(group?.latestSeqno ?? 0),
    commitSeqno: BigInt(group?.committedSeqno ?? 0),
    leaseRemainingMs: BigInt(Math.round(leaseRemainingMs ?? 0)),
    peers: view.peers.map(({ nodeId, role, answered, lag, heardMs }) => ({
      nodeId,
      role: ROLE[role],
      answeredSeqno: BigInt(answered),
      lag: BigInt(lag),
      heardMs: BigInt(heardMs === undefined ? -1 : Math.round(heardMs)),
    })),
    steppedDown: view.member?.steppedDown ?? "",
  };
  const channels = view.channels.map(({ peerId, state, keyNumber }) => ({
    nodeId: peerId,
    state,
    keyNumber: BigInt(keyNumber),
  }));
  return { groups: [answer], channels };
}

/** A store that does not answer must not hide what this node knows by itself. */
async function leaseInStore(view: NodeView): Promise<number | undefined> {
  try {
    return (await view.store.readHead()).leaseRemainingMs;
  } catch {
    return undefined;
  }
}
