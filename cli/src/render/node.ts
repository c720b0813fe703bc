// SPDX-License-Identifier: Apache-2.0
import type { NodeStatusResult } from "../operations/node/nodes.js";
import type { ChannelView, GroupConsensusView, NodeStateView, NodeView } from "../views/node.js";
import { describeCertificate } from "./certificate.js";
import { renderFields, renderTable } from "./table.js";
import { shortId, statusWord } from "./text.js";

export function renderNodes(nodes: readonly NodeView[]): string {
  const rows = nodes.map((node) => [
    node.nodeId,
    statusOf(node),
    node.role + (node.primary ? ", primary" : ""),
    addressesOf(node),
  ]);
  return renderTable(["NODE", "STATUS", "ROLE", "ADDRESS"], rows, "There are no nodes.");
}

export function renderNode(node: NodeView): string {
  return renderFields([
    ["node", node.nodeId],
    ["status", statusOf(node)],
    ["role", node.role + (node.primary ? ", primary" : "")],
    ["address", addressesOf(node)],
    ["node-to-node", node.nodeToNodeAddress],
    ["data", node.nodeData === null ? undefined : JSON.stringify(node.nodeData)],
    ["last written", `seqno ${node.lastWritten}`],
    ["valid", node.certificate === null ? undefined : describeCertificate(node.certificate)],
    ["certificate", node.certificate?.trimEnd()],
  ]);
}

function statusOf(node: NodeView): string {
  return statusWord(node.status) + (node.retiredCommitted ? ", may be switched off" : "");
}

function addressesOf(node: NodeView): string {
  return Object.values(node.rpcAddresses).join(", ");
}

export function renderNodeState(state: NodeStateView): string {
  return renderFields([
    ["node", state.nodeId],
    ["state", statusWord(state.state)],
    ["role", state.role],
    ["last signed", `seqno ${state.lastSignedSeqno}`],
    ["started at", `seqno ${state.startupSeqno}`],
    ["stopping", state.stopNotice ? "yes" : undefined],
    ["fault", state.fault ?? undefined],
  ]);
}

export function renderNodeStatus({
  state,
  version,
  network,
  commit,
  consensus,
  channels,
}: NodeStatusResult): string {
  const rows = consensus.map((group) => [
    String(group.groupId),
    group.view,
    shortId(group.primaryNodeId) + (group.leading ? " (this node)" : ""),
    group.lastSeqno,
    group.commitSeqno,
    `${group.leaseRemainingMs} ms`,
  ]);
  return [
    renderNodeState(state),
    renderFields([
      [
        "version",
        `${version.version} (Node.js ${version.nodeJsVersion}, crypto core ${version.cryptoCoreVersion})`,
      ],
      ["service", statusWord(network.serviceStatus)],
      ["view", network.currentView],
      ["primary", network.primaryNodeId],
      ["committed", commit],
    ]),
    renderTable(
      ["GROUP", "VIEW", "PRIMARY", "LAST", "COMMITTED", "LEASE"],
      rows,
      "It takes part in no group.",
    ),
    ...consensus.flatMap(({ steppedDown }) =>
      steppedDown === null ? [] : [`It last stopped leading in ${steppedDown}`],
    ),
    ...renderPeers(consensus),
    ...renderChannels(channels),
  ].join("\n");
}

function renderPeers(consensus: readonly GroupConsensusView[]): string[] {
  const rows = consensus.flatMap(({ peers }) =>
    peers.map((peer) => [
      shortId(peer.nodeId),
      peer.role,
      peer.answeredSeqno,
      peer.lag,
      peer.heardMs === null ? "never" : `${peer.heardMs} ms ago`,
    ]),
  );
  return rows.length === 0
    ? []
    : [renderTable(["FOLLOWS", "ROLE", "VERIFIED", "LAG", "HEARD"], rows, "")];
}

function renderChannels(channels: readonly ChannelView[]): string[] {
  const rows = channels.map(({ nodeId, state, keyNumber }) => [shortId(nodeId), state, keyNumber]);
  return rows.length === 0 ? [] : [renderTable(["CHANNEL TO", "STATE", "KEYS"], rows, "")];
}
