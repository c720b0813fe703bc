// SPDX-License-Identifier: Apache-2.0
import type { NodeStatusResult } from "../operations/node/nodes.js";
import type { NodeStateView, NodeView } from "../views/node.js";
import { describeCertificate } from "./certificate.js";
import { renderFields, renderTable } from "./table.js";
import { shortId, statusWord } from "./text.js";

export function renderNodes(nodes: readonly NodeView[]): string {
  const rows = nodes.map((node) => [
    node.nodeId,
    statusWord(node.status),
    node.role + (node.primary ? ", primary" : ""),
    addressesOf(node),
  ]);
  return renderTable(["NODE", "STATUS", "ROLE", "ADDRESS"], rows, "There are no nodes.");
}

export function renderNode(node: NodeView): string {
  return renderFields([
    ["node", node.nodeId],
    ["status", statusWord(node.status)],
    ["role", node.role + (node.primary ? ", primary" : "")],
    ["address", addressesOf(node)],
    ["node-to-node", node.nodeToNodeAddress],
    ["data", node.nodeData === null ? undefined : JSON.stringify(node.nodeData)],
    ["last written", `seqno ${node.lastWritten}`],
    ["valid", node.certificate === null ? undefined : describeCertificate(node.certificate)],
    ["certificate", node.certificate?.trimEnd()],
  ]);
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
  ].join("\n");
}
