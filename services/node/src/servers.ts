// SPDX-License-Identifier: Apache-2.0
import {
  createMetrics,
  type GrpcServer,
  type Logger,
  serveMetrics,
  type ServerIdentity,
  startGrpcServer,
} from "@consortium/kit";
import type { GroupStore } from "@consortium/ledger";
import { app, channel, join, node } from "@consortium/proto";
import { createJoinService } from "./admission/join-service.js";
import { Gate } from "./app/group.js";
import { createKvService } from "./app/kv-service.js";
import { createChannelService } from "./channel/channel-service.js";
import { createOrder } from "./channel/order.js";
import type { NodeConfig } from "./config.js";
import type { Leader } from "./leader.js";
import { registerLedgerMetrics } from "./metrics.js";
import type { Primary } from "./pipeline/primary.js";
import { createNodeService } from "./status/node-service.js";
import type { NodeView } from "./status/node-view.js";

const MIB = 1024 * 1024;
/** A chunk is one message between nodes. */
const CHANNEL_SEND_BYTES_MAX = 256 * MIB;
const CHANNEL_RECEIVE_BYTES_MAX = 64 * MIB;

/** Everything a node listens on. */
export interface NodeServers extends AsyncDisposable {
  /** Interface name to the address others use. */
  readonly rpcAddresses: Readonly<Record<string, string>>;
  readonly nodeToNodeAddress: string;
  readonly addresses: readonly string[];
  updateCertificate(identity: ServerIdentity): void;
}

export interface ServersContext {
  readonly config: NodeConfig;
  readonly view: NodeView;
  readonly leader: Leader;
  readonly store: GroupStore;
  readonly log: Logger;
}

/** Servers answer from the first second; what they cannot answer yet they say so. */
export async function startServers(context: ServersContext): Promise<NodeServers> {
  const { config, view, leader, log } = context;
  await using stack = new AsyncDisposableStack();
  const metrics = createMetrics({ node_id: view.identity.nodeId });
  registerLedgerMetrics(metrics, view);
  if (config.metrics !== undefined) {
    stack.use(await serveMetrics({ address: config.metrics.bind_address, metrics, log }));
  }
  const credentials = { key: view.identity.privateKeyPem, cert: view.selfSignedCertificate };
  const leads = (): Primary => leader.group().primary;
  const services = [
    { definition: node.NodeServiceService, implementation: createNodeService(view) },
    {
      definition: join.JoinServiceService,
      implementation: createJoinService({ leads, keys: () => leader.keys }),
    },
    {
      definition: app.KvServiceService,
      implementation: createKvService(new Gate(() => leader.group())),
    },
  ];
  const servers: GrpcServer[] = [];
  const rpcAddresses: Record<string, string> = {};
  for (const [name, one] of Object.entries(config.network.rpc_interfaces)) {
    const server = await startGrpcServer({
      address: one.bind_address,
      credentials,
      services,
      limits: { receiveBytesMax: config.limits.max_message_size },
      log,
      ...(servers.length === 0 ? { metrics } : {}),
    });
    servers.push(stack.use(server));
    rpcAddresses[name] = one.published_address ?? server.address;
  }
  const nodeToNode = config.network.node_to_node_interface;
  const channelServer = await startGrpcServer({
    address: nodeToNode.bind_address,
    credentials,
    services: [
      { definition: channel.ChannelServiceService, implementation: channelService(context) },
    ],
    limits: { receiveBytesMax: CHANNEL_RECEIVE_BYTES_MAX, sendBytesMax: CHANNEL_SEND_BYTES_MAX },
    log,
  });
  servers.push(stack.use(channelServer));
  const running = stack.move();
  return {
    rpcAddresses,
    nodeToNodeAddress: nodeToNode.published_address ?? channelServer.address,
    addresses: servers.map(({ address }) => address),
    updateCertificate: (identity) => {
      for (const server of servers) server.updateCertificate(identity);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function channelService({ leader, store }: ServersContext): channel.ChannelServiceServer {
  return createChannelService({
    leads: () => leader.group().primary,
    store,
    order: createOrder(() => leader.keys),
  });
}
