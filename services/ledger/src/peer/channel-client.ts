// SPDX-License-Identifier: Apache-2.0
import { createClient, type RpcClient } from "@consortium/kit";
import { channel } from "@consortium/proto";
import {
  keyFromText,
  keyToBytes,
  type KvReader,
  type ReadDependency,
  type WriteSet,
} from "../kv/index.js";
import { rows, TABLES } from "../tables/index.js";
import { peerErrors } from "./errors.js";
import type { NodeIdentity } from "./identity.js";

/** A transaction executed on a replica, for the primary to order. */
export interface PreparedTransaction {
  /** The seqno of the state it was executed on. */
  readonly readVersion: number;
  readonly reads: readonly ReadDependency[];
  readonly writes: WriteSet;
  readonly effects: readonly channel.Effect[];
}

export type ChannelClient = RpcClient<channel.ChannelServiceService>;

const MIB = 1024 * 1024;
/** A chunk of the ledger is one message. */
const RECEIVE_BYTES_MAX = 256 * MIB;
/** A transaction holds the signed request that led to it, and what that writes. */
const SEND_BYTES_MAX = 64 * MIB;

/** Connects to a node's node-to-node interface, as the node that the certificate names. */
export function connectChannel(options: {
  address: string;
  serviceCertificate: string;
  identity: NodeIdentity;
  nodeCertificate: string;
}): ChannelClient {
  return createClient(channel.ChannelServiceClient, {
    address: options.address,
    rootCertificate: options.serviceCertificate,
    key: options.identity.privateKeyPem,
    cert: options.nodeCertificate,
    receiveBytesMax: RECEIVE_BYTES_MAX,
    sendBytesMax: SEND_BYTES_MAX,
  });
}

/** The node-to-node address of a node on the ledger. */
export function channelAddress(nodeId: string, kv: KvReader): string {
  const row = kv.get(TABLES.nodesInfo, keyFromText(nodeId));
  const nodeToNode =
    row === undefined ? undefined : rows.nodesInfo.decode(row.value).node_to_node_interface;
  const address = nodeToNode?.published_address ?? nodeToNode?.bind_address;
  if (address !== undefined) return address;
  throw peerErrors("NOT_PRIMARY", `the primary ${nodeId} is not on the ledger yet`, {
    retryAfterMs: 200,
  });
}

export function encodePrepared(
  groupId: number,
  prepared: PreparedTransaction,
): channel.SubmitTransactionRequest {
  const writes: channel.Write[] = [];
  for (const [map, keys] of prepared.writes) {
    for (const [key, value] of keys) {
      writes.push({ map, key: keyToBytes(key), value: value ?? undefined });
    }
  }
  return {
    groupId,
    readVersion: BigInt(prepared.readVersion),
    reads: prepared.reads.map(encodeRead),
    writes,
    effects: [...prepared.effects],
  };
}

function encodeRead(read: ReadDependency): channel.Read {
  const scope =
    "wholeMap" in read
      ? { $case: "wholeMap" as const, value: true }
      : { $case: "key" as const, value: keyToBytes(read.key) };
  return { map: read.map, scope, version: BigInt(read.version) };
}
