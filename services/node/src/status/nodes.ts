// SPDX-License-Identifier: Apache-2.0
import {
  keyFromText,
  type KvKey,
  type KvReader,
  keyToText,
  rows,
  TABLES,
} from "@consortium/ledger";
import { node } from "@consortium/proto";
import { invalid } from "../app/access.js";
import { nodeErrors } from "../errors.js";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;
const NODE_ID = /^[0-9a-f]{64}$/;

/** One page of the nodes on the ledger, by node id. */
export function listNodes(
  request: node.ListNodesRequest,
  kv: KvReader,
  primaryNodeId: string,
): node.ListNodesResponse {
  if (request.pageSize > PAGE_SIZE_MAX)
    throw invalid("page_size", `must be at most ${PAGE_SIZE_MAX}`);
  if (request.pageToken !== "" && !NODE_ID.test(request.pageToken)) {
    throw invalid("page_token", "is not one this service gave");
  }
  const pageSize = request.pageSize === 0 ? PAGE_SIZE_DEFAULT : request.pageSize;
  const range = request.pageToken === "" ? {} : { start: keyFromText(request.pageToken) };
  const nodes: node.Node[] = [];
  for (const [key] of kv.entries(TABLES.nodesInfo, range)) {
    const described = describeNode(key, kv, primaryNodeId);
    if (request.status !== node.NodeStatus.UNSPECIFIED && described.status !== request.status)
      continue;
    if (nodes.length === pageSize) return { nodes, nextPageToken: keyToText(key) };
    nodes.push(described);
  }
  return { nodes, nextPageToken: "" };
}

export function describeNode(key: KvKey, kv: KvReader, primaryNodeId: string): node.Node {
  const row = kv.get(TABLES.nodesInfo, key);
  const nodeId = keyToText(key);
  if (row === undefined) {
    throw nodeErrors("NODE_NOT_FOUND", `there is no node ${nodeId} on the ledger`, {
      hint: "`ccfctl node list` shows the nodes",
    });
  }
  const info = rows.nodesInfo.decode(row.value);
  const certificate = kv.get(TABLES.nodesEndorsedCertificates, key);
  const addresses = Object.entries(info.rpc_interfaces ?? {}).map(([name, rpcInterface]) => [
    name,
    rpcInterface.published_address ?? rpcInterface.bind_address ?? "",
  ]);
  const nodeToNode = info.node_to_node_interface;
  return {
    nodeId,
    status: STATUS[info.status],
    role: ROLE[info.role ?? "ledger"],
    primary: nodeId === primaryNodeId,
    rpcAddresses: Object.fromEntries(addresses) as Record<string, string>,
    nodeToNodeAddress: nodeToNode?.published_address ?? nodeToNode?.bind_address ?? "",
    nodeDataJson: JSON.stringify(info.node_data ?? null),
    lastWritten: BigInt(row.version),
    certificate: certificate === undefined ? "" : Buffer.from(certificate.value).toString("utf8"),
    retiredCommitted: info.retired_committed === true,
  };
}

const STATUS = {
  Pending: node.NodeStatus.PENDING,
  Trusted: node.NodeStatus.TRUSTED,
  Retired: node.NodeStatus.RETIRED,
} as const;

export const ROLE = {
  ledger: node.NodeRole.LEDGER,
  governance: node.NodeRole.GOVERNANCE,
  recovery: node.NodeRole.RECOVERY,
} as const;
