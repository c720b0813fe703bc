// SPDX-License-Identifier: Apache-2.0
import {
  createMetrics,
  type GrpcServer,
  type GrpcService,
  type Logger,
  serveMetrics,
  type ServerIdentity,
  startGrpcServer,
} from "@consortium/kit";
import { ChannelLink, startChannelServer } from "@consortium/ledger";
import { app, join, node } from "@consortium/proto";
import { createJoinService } from "./admission/join-service.js";
import { answerForwards, Forwarder } from "./app/forward.js";
import { Gate } from "./app/group.js";
import { createKvService } from "./app/kv-service.js";
import type { NodeConfig } from "./config.js";
import type { GroupMember } from "./group/group-member.js";
import { registerLedgerMetrics } from "./metrics.js";
import { answerSubmissions } from "./peer-requests.js";
import { createNodeService } from "./status/node-service.js";
import type { NodeView } from "./status/node-view.js";

/** Everything a node listens on. */
export interface NodeServers extends AsyncDisposable {
  /** Interface name to the address others use. */
  readonly rpcAddresses: Readonly<Record<string, string>>;
  readonly nodeToNodeAddress: string;
  readonly addresses: readonly string[];
  /** The channels to the other nodes. */
  readonly hub: ChannelLink;
  /** What the health service says of the application. */
  setReady(ready: boolean): void;
  /** New client connections get this certificate. */
  updateCertificate(identity: ServerIdentity): void;
}

export interface ServersContext {
  readonly config: NodeConfig;
  readonly view: NodeView;
  /** Shown to clients at first. */
  readonly certificate: string;
  readonly log: Logger;
}

/** Servers answer from the first second; what they cannot answer yet they say so. */
export async function startServers(context: ServersContext): Promise<NodeServers> {
  const { config, view, log } = context;
  await using stack = new AsyncDisposableStack();
  const metrics = createMetrics({ node_id: view.identity.nodeId });
  registerLedgerMetrics(metrics, view);
  if (config.metrics !== undefined) {
    stack.use(await serveMetrics({ address: config.metrics.bind_address, metrics, log }));
  }
  const hub = stack.use(
    new ChannelLink({ identity: view.identity, kv: () => view.group?.committed, log }),
  );
  view.connected(hub);
  const services = clientServices(view, hub, log);
  const servers: GrpcServer[] = [];
  const rpcAddresses: Record<string, string> = {};
  for (const [name, one] of Object.entries(config.network.rpc_interfaces)) {
    const server = await startGrpcServer({
      address: one.bind_address,
      credentials: { key: view.identity.privateKeyPem, cert: context.certificate },
      services,
      limits: { receiveBytesMax: config.limits.max_message_size },
      log,
      ...(servers.length === 0 ? { metrics } : {}),
    });
    server.setHealth(APPLICATION, false);
    servers.push(stack.use(server));
    rpcAddresses[name] = one.published_address ?? server.address;
  }
  const nodeToNode = config.network.node_to_node_interface;
  const channelServer = stack.use(await startChannelServer(nodeToNode.bind_address, hub, log));
  const running = stack.move();
  return {
    rpcAddresses,
    nodeToNodeAddress: nodeToNode.published_address ?? channelServer.address,
    addresses: [...servers, channelServer].map(({ address }) => address),
    hub,
    setReady: (ready) => {
      for (const server of servers) server.setHealth(APPLICATION, ready);
    },
    updateCertificate: (identity) => {
      for (const server of servers) server.updateCertificate(identity);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const APPLICATION = app.KvServiceClient.serviceName;

function clientServices(view: NodeView, hub: ChannelLink, log: Logger): GrpcService[] {
  const member = (): GroupMember | undefined => view.member;
  const gate = new Gate(member);
  answerForwards(hub, gate, member);
  answerSubmissions(hub, member);
  const forwarder = new Forwarder(hub);
  return [
    { definition: node.NodeServiceService, implementation: createNodeService(view) },
    { definition: join.JoinServiceService, implementation: createJoinService(view, log) },
    {
      definition: app.KvServiceService,
      implementation: createKvService({ gate, forwarder, member }),
    },
  ];
}
