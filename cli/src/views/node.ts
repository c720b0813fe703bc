// SPDX-License-Identifier: Apache-2.0
import type { node } from "@consortium/proto";
import { type Json, parseJsonText } from "../json.js";
import { nodeRoleName, nodeStateName, nodeStatusName, serviceStatusName } from "./enum-names.js";

export interface NodeView {
  nodeId: string;
  status: string;
  role: string;
  primary: boolean;
  rpcAddresses: Record<string, string>;
  nodeToNodeAddress: string;
  nodeData: Json;
  lastWritten: string;
  certificate: string | null;
  retiredCommitted: boolean;
}

export function viewNode(node: node.Node): NodeView {
  return {
    nodeId: node.nodeId,
    status: nodeStatusName(node.status),
    role: nodeRoleName(node.role),
    primary: node.primary,
    rpcAddresses: { ...node.rpcAddresses },
    nodeToNodeAddress: node.nodeToNodeAddress,
    nodeData: parseJsonText(node.nodeDataJson),
    lastWritten: node.lastWritten.toString(),
    certificate: node.certificate === "" ? null : node.certificate,
    retiredCommitted: node.retiredCommitted,
  };
}

export interface NodeStateView {
  nodeId: string;
  state: string;
  role: string;
  lastSignedSeqno: string;
  startupSeqno: string;
  stopNotice: boolean;
  selfSignedCertificate: string;
  fault: string | null;
}

export function viewNodeState(state: node.GetStateResponse): NodeStateView {
  return {
    nodeId: state.nodeId,
    state: nodeStateName(state.state),
    role: nodeRoleName(state.role),
    lastSignedSeqno: state.lastSignedSeqno.toString(),
    startupSeqno: state.startupSeqno.toString(),
    stopNotice: state.stopNotice,
    selfSignedCertificate: state.selfSignedCertificate,
    fault: state.fault === "" ? null : state.fault,
  };
}

export interface NetworkView {
  serviceStatus: string;
  serviceCertificate: string;
  currentView: string;
  primaryNodeId: string;
  recoveryCount: string;
  currentServiceCreateTransactionId: string;
  serviceData: Json;
}

export function viewNetwork(network: node.GetNetworkResponse): NetworkView {
  return {
    serviceStatus: serviceStatusName(network.serviceStatus),
    serviceCertificate: network.serviceCertificate,
    currentView: network.currentView.toString(),
    primaryNodeId: network.primaryNodeId,
    recoveryCount: network.recoveryCount.toString(),
    currentServiceCreateTransactionId: network.currentServiceCreateTransactionId,
    serviceData: parseJsonText(network.serviceDataJson),
  };
}

export interface GroupConsensusView {
  groupId: number;
  view: string;
  primaryNodeId: string;
  leading: boolean;
  lastSeqno: string;
  commitSeqno: string;
  leaseRemainingMs: string;
  /** Of the primary: how far the others are. */
  peers: PeerView[];
  steppedDown: string | null;
}

export interface PeerView {
  nodeId: string;
  role: string;
  answeredSeqno: string;
  lag: string;
  heardMs: string | null;
}

export interface ChannelView {
  nodeId: string;
  state: string;
  keyNumber: string;
}

export function viewChannels({ channels }: node.GetConsensusResponse): ChannelView[] {
  return channels.map(({ nodeId, state, keyNumber }) => ({
    nodeId,
    state,
    keyNumber: keyNumber.toString(),
  }));
}

function viewPeer(peer: node.GetConsensusResponse_Peer): PeerView {
  return {
    nodeId: peer.nodeId,
    role: nodeRoleName(peer.role),
    answeredSeqno: peer.answeredSeqno.toString(),
    lag: peer.lag.toString(),
    heardMs: peer.heardMs < 0n ? null : peer.heardMs.toString(),
  };
}

export function viewConsensus(consensus: node.GetConsensusResponse): GroupConsensusView[] {
  return consensus.groups.map((group) => ({
    groupId: group.groupId,
    view: group.view.toString(),
    primaryNodeId: group.primaryNodeId,
    leading: group.leading,
    lastSeqno: group.lastSeqno.toString(),
    commitSeqno: group.commitSeqno.toString(),
    leaseRemainingMs: group.leaseRemainingMs.toString(),
    peers: group.peers.map(viewPeer),
    steppedDown: group.steppedDown === "" ? null : group.steppedDown,
  }));
}
