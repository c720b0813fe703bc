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
import { checkGroup } from "../app/access.js";
import { nodeErrors } from "../errors.js";
import { describeNode, listNodes } from "./nodes.js";
import type { NodeView } from "./node-view.js";
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
      const { primary, history } = ledOf(view);
      return {
        transactionId: primary.committedTransactionId,
        viewHistory: request.viewHistory ? history.firsts() : [],
      };
    }),
    getTransactionStatus: unary(
      async (
        request: node.GetTransactionStatusRequest,
      ): Promise<node.GetTransactionStatusResponse> => {
        checkGroup(request.groupId);
        const asked = requireTransactionId(request.transactionId);
        const { primary, history } = ledOf(view);
        return {
          transactionId: request.transactionId,
          status: transactionStatus(asked, primary, history),
        };
      },
    ),
    getReceipt: unary(async (request: node.GetReceiptRequest) => {
      checkGroup(request.groupId);
      return getReceipt(requireTransactionId(request.transactionId), ledOf(view), view.store);
    }),
    getConsensus: unary(async (_: node.GetConsensusRequest) => getConsensus(view)),
  };
}

function getState(view: NodeView): node.GetStateResponse {
  return {
    nodeId: view.identity.nodeId,
    state: view.state,
    role: node.NodeRole.LEDGER,
    lastSignedSeqno: BigInt(view.led?.primary.committedSeqno ?? 0),
    startupSeqno: 0n,
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
    currentView: BigInt(view.led?.primary.view ?? 0),
    primaryNodeId: primaryOf(view),
    recoveryCount: BigInt(info.recovery_count ?? 0),
    currentServiceCreateTransactionId: info.current_service_create_txid ?? "",
    serviceDataJson: JSON.stringify(info.service_data ?? null),
  };
}

async function getConsensus(view: NodeView): Promise<node.GetConsensusResponse> {
  const led = view.led;
  if (led !== undefined) {
    const { primary } = led;
    const group: node.GetConsensusResponse_Group = {
      groupId: 0,
      view: BigInt(primary.view),
      primaryNodeId: view.identity.nodeId,
      leading: true,
      lastSeqno: BigInt(primary.latestSeqno),
      commitSeqno: BigInt(primary.committedSeqno),
      leaseRemainingMs: BigInt(Math.round(led.leaseRemainingMs())),
    };
    return { groups: [group] };
  }
  const head = await view.store.readHead();
  const group: node.GetConsensusResponse_Group = {
    groupId: 0,
    view: BigInt(head.view),
    primaryNodeId: head.holder ?? "",
    leading: false,
    lastSeqno: BigInt(head.lastSeqno),
    commitSeqno: BigInt(head.lastSeqno),
    leaseRemainingMs: BigInt(head.leaseRemainingMs),
  };
  return { groups: [group] };
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
  return view.led === undefined ? "" : view.identity.nodeId;
}

function ledOf(view: NodeView): NonNullable<NodeView["led"]> {
  const { led } = view;
  if (led === undefined) {
    throw nodeErrors("NOT_PRIMARY", "this node does not lead the group", {
      hint: "ask the primary; GetConsensus names it",
    });
  }
  return led;
}

function committedOf(view: NodeView): KvReader {
  const { committed } = view;
  if (committed === undefined) throw notReady();
  return committed;
}

function notReady(): Error {
  return nodeErrors("NODE_NOT_READY", "this node has not read the ledger yet", {
    hint: "ask again in a moment; GetState tells how far it is",
    retryAfterMs: 500,
  });
}
