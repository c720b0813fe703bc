// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import { unary } from "@consortium/kit";
import {
  keyFromText,
  type KvReader,
  parseTransactionId,
  rows,
  SINGLETON_KEY,
  TABLES,
} from "@consortium/ledger";
import { node } from "@consortium/proto";
import { serviceStatusOf } from "../admission/join-service.js";
import { listRemovableNodes, removeNode } from "../admission/remove-node.js";
import { checkGroup } from "../app/access.js";
import { nodeErrors } from "../errors.js";
import { getConsensus } from "./consensus.js";
import { describeNode, listNodes } from "./nodes.js";
import type { GroupState, NodeView } from "./node-view.js";
import { getReceipt } from "./receipts.js";
import { transactionStatus } from "./transaction-status.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** What anyone may ask of this node. */
export function createNodeService(view: NodeView): node.NodeServiceServer {
  return {
    getState: unary(async (_: node.GetStateRequest) => getState(view)),
    getVersion: unary(async (_: node.GetVersionRequest): Promise<node.GetVersionResponse> => ({
      version,
      nodeJsVersion: process.version,
      cryptoCoreVersion: version,
    })),
    getNetwork: unary(async (_: node.GetNetworkRequest) => getNetwork(view)),
    listNodes: unary(async (request: node.ListNodesRequest) =>
      listNodes(request, committedOf(view), primaryOf(view)),
    ),
    getNode: unary(async ({ nodeId }: node.GetNodeRequest): Promise<node.GetNodeResponse> => ({
      node: describeNode(keyFromText(nodeId), committedOf(view), primaryOf(view)),
    })),
    getCommit: unary(async (request: node.GetCommitRequest): Promise<node.GetCommitResponse> => {
      checkGroup(request.groupId);
      const group = groupOf(view);
      return {
        transactionId: committedTransactionId(group),
        viewHistory: request.viewHistory ? group.history.firsts() : [],
      };
    }),
    getTransactionStatus: unary(
      async (
        request: node.GetTransactionStatusRequest,
      ): Promise<node.GetTransactionStatusResponse> => {
        checkGroup(request.groupId);
        const asked = requireTransactionId(request.transactionId);
        return {
          transactionId: request.transactionId,
          status: transactionStatus(asked, groupOf(view)),
        };
      },
    ),
    getReceipt: unary(async (request: node.GetReceiptRequest) => {
      checkGroup(request.groupId);
      return getReceipt(requireTransactionId(request.transactionId), groupOf(view), view.store);
    }),
    getConsensus: unary(async (_: node.GetConsensusRequest) => getConsensus(view, view.group)),
    listRemovableNodes: unary(async (_: node.ListRemovableNodesRequest) => ({
      nodes: listRemovableNodes(committedOf(view), primaryOf(view)),
    })),
    deleteNode: unary(async ({ nodeId }: node.DeleteNodeRequest, { peerCertificate }) => ({
      transactionId: await removeNode(nodeId, peerCertificate, view),
    })),
  };
}

function getState(view: NodeView): node.GetStateResponse {
  return {
    nodeId: view.identity.nodeId,
    state: view.state,
    role: node.NodeRole.LEDGER,
    lastSignedSeqno: BigInt(view.group?.committedSeqno ?? 0),
    startupSeqno: BigInt(view.member?.startupSeqno ?? 0),
    stopNotice: view.stopNotice,
    selfSignedCertificate: view.selfSignedCertificate,
    fault: view.fault,
  };
}

function getNetwork(view: NodeView): node.GetNetworkResponse {
  const row = committedOf(view).get(TABLES.serviceInfo, SINGLETON_KEY);
  if (row === undefined) throw notReady();
  const info = rows.serviceInfo.decode(row.value);
  return {
    serviceStatus: serviceStatusOf(info.status),
    serviceCertificate: info.cert,
    currentView: BigInt(view.group?.view ?? 0),
    primaryNodeId: primaryOf(view),
    recoveryCount: BigInt(info.recovery_count ?? 0),
    currentServiceCreateTransactionId: info.current_service_create_txid ?? "",
    serviceDataJson: JSON.stringify(info.service_data ?? null),
  };
}

function committedTransactionId({ history, committedSeqno, view }: GroupState): string {
  return `${history.viewOf(committedSeqno) ?? view}.${committedSeqno}`;
}

function requireTransactionId(text: string): { view: number; seqno: number } {
  const id = parseTransactionId(text);
  if (id !== undefined) return id;
  const description = "must be view.seqno in decimal, for example 2.15";
  throw nodeErrors("INVALID_TRANSACTION_ID", `${JSON.stringify(text)} is not a transaction id`, {
    fieldViolations: [{ field: "transaction_id", description }],
  });
}

function primaryOf(view: NodeView): string {
  return view.group?.primaryNodeId ?? "";
}

function groupOf(view: NodeView): GroupState {
  const { group } = view;
  if (group === undefined) throw notReady();
  return group;
}

function committedOf(view: NodeView): KvReader {
  return groupOf(view).committed;
}

function notReady(): Error {
  return nodeErrors("NODE_NOT_READY", "this node has not read the ledger yet", {
    hint: "ask again in a moment; GetState tells how far it is",
    retryAfterMs: 500,
  });
}
