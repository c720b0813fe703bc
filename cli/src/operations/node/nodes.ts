// SPDX-License-Identifier: Apache-2.0
import { node as proto } from "@consortium/proto";
import type { NodeClient } from "../../connect/clients.js";
import { readAllPages } from "../../connect/pages.js";
import {
  type ChannelView,
  type GroupConsensusView,
  type NetworkView,
  type NodeStateView,
  type NodeView,
  viewChannels,
  viewConsensus,
  viewNetwork,
  viewNode,
  viewNodeState,
} from "../../views/node.js";
import { completeId } from "../governance/ids.js";
import { missing } from "../governance/proposals.js";

const PAGE_SIZE = 500;

export async function listNodes(client: NodeClient): Promise<NodeView[]> {
  const nodes = await readAllPages(
    (pageToken) =>
      client.listNodes({ pageSize: PAGE_SIZE, pageToken, status: proto.NodeStatus.UNSPECIFIED }),
    (page) => page.nodes,
  );
  return nodes.map((node) => viewNode(node));
}

/** The nodes whose retirement is complete. */
export async function listRemovableNodes(client: NodeClient): Promise<NodeView[]> {
  const { nodes } = await client.listRemovableNodes({});
  return nodes.map((node) => viewNode(node));
}

export async function getNode(client: NodeClient, id: string): Promise<NodeView> {
  const nodeId = await completeId(id, "node", async () =>
    (await listNodes(client)).map((node) => node.nodeId),
  );
  const { node } = await client.getNode({ nodeId });
  return viewNode(node ?? missing("node"));
}

export interface NodeStatusResult {
  state: NodeStateView;
  version: { version: string; nodeJsVersion: string; cryptoCoreVersion: string };
  network: NetworkView;
  commit: string;
  consensus: GroupConsensusView[];
  channels: ChannelView[];
}

export async function getNodeStatus(client: NodeClient): Promise<NodeStatusResult> {
  const [state, version, network, commit, consensus] = await Promise.all([
    client.getState({}),
    client.getVersion({}),
    client.getNetwork({}),
    client.getCommit({ groupId: 0, viewHistory: false }),
    client.getConsensus({}),
  ]);
  return {
    state: viewNodeState(state),
    version: { ...version },
    network: viewNetwork(network),
    commit: commit.transactionId,
    consensus: viewConsensus(consensus),
    channels: viewChannels(consensus),
  };
}
