// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { dirname, resolve as resolvePath } from "node:path";
import {
  createCsr,
  createLogger,
  createMetrics,
  createSelfSigned,
  type GrpcServer,
  loadConfig,
  type Logger,
  serveMetrics,
  type ServiceScope,
  startGrpcServer,
  writeFileAtomic,
  writePidFile,
} from "@consortium/kit";
import {
  type GroupStore,
  type JsonObject,
  loadIdentity,
  type NodeIdentity,
  openGroupStore,
  subjectAltNames,
  virtualEvidence,
  VIRTUAL_MEASUREMENT,
} from "@consortium/ledger";
import { app, channel, join, node } from "@consortium/proto";
import { createJoinService } from "./admission/join-service.js";
import type { NodeDescription } from "./admission/node-row.js";
import { Gate } from "./app/group.js";
import { createKvService } from "./app/kv-service.js";
import { createChannelService } from "./channel/channel-service.js";
import { createOrder } from "./channel/order.js";
import { type NodeConfig, nodeConfigSchema } from "./config.js";
import { nodeErrors } from "./errors.js";
import { Leader } from "./leader.js";
import type { Primary } from "./pipeline/primary.js";
import { Checkpoint } from "./service/checkpoint.js";
import { createService } from "./service/create-service.js";
import { resumeService } from "./service/resume-service.js";
import { createNodeService } from "./status/node-service.js";
import { NodeView } from "./status/node-view.js";

/** Runs a ledger node from its configuration until it is told to stop. */
export async function runNode(configPath: string, scope: ServiceScope): Promise<void> {
  const config = await loadConfig(configPath, nodeConfigSchema);
  const folder = dirname(resolvePath(configPath));
  const resolve = (file: string): string => resolvePath(folder, file);
  const log = createLogger({
    name: "ccf-node",
    level: config.logging.level,
    format: config.logging.format === "Json" ? "json" : "text",
  });
  scope.useLog(log);
  scope.stack.use(await writePidFile(resolve(config.output_files.pid_file)));
  const { identity, created } = await loadIdentity(
    resolve(config.output_files.node_private_key_file),
    config.node_certificate.curve_id,
  );
  log.info({ nodeId: identity.nodeId, created }, "node identity");
  log.warn("virtual attestation: nothing proves what this node runs; use it for tests only");
  const store = await openStore(config, resolve, identity, log);
  scope.stack.use(store);
  const view = new NodeView(identity, store);
  const names = subjectAltNames(config);
  view.selfSignedCertificate = createSelfSigned({
    keyPem: identity.privateKeyPem,
    subject: config.node_certificate.subject_name,
    days: config.node_certificate.initial_validity_days,
    sans: names,
  });
  view.state = node.NodeState.INITIALIZED;
  const context: NodeContext = { config, resolve, identity, store, view, log, names, scope };
  const leader = new Leader(view, config, log);
  const servers = await startServers(context, leader);
  scope.stack.defer(async () => {
    view.stopNotice = true;
    await Promise.all(servers.map((server) => server.close()));
    await leader.stop();
  });
  await lead(context, leader);
  for (const server of servers) {
    server.updateCertificate({ key: identity.privateKeyPem, cert: leader.nodeCertificate });
  }
  await writeFileAtomic(
    resolve(config.output_files.node_certificate_file),
    leader.nodeCertificate,
  );
  log.info({ view: leader.view, addresses: servers.map(({ address }) => address) }, "ready");
}

interface NodeContext {
  readonly config: NodeConfig;
  readonly resolve: (file: string) => string;
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  readonly view: NodeView;
  readonly log: Logger;
  readonly names: readonly string[];
  readonly scope: ServiceScope;
}

async function openStore(
  config: NodeConfig,
  resolve: (file: string) => string,
  identity: NodeIdentity,
  log: Logger,
): Promise<GroupStore> {
  const url = (await readFile(resolve(config.store.url_file), "utf8")).trim();
  return openGroupStore({
    url,
    group: 0,
    holder: identity.nodeId,
    leaseMs: config.store.lease,
    log: log.child({ area: "store" }),
  });
}

/** Servers answer from the first second; what they cannot answer yet they say so. */
async function startServers(context: NodeContext, leader: Leader): Promise<GrpcServer[]> {
  const { config, identity, view, log, scope } = context;
  const credentials = { key: identity.privateKeyPem, cert: view.selfSignedCertificate };
  const limits = { receiveBytesMax: config.limits.max_message_size };
  const metrics = createMetrics({ node_id: identity.nodeId });
  if (config.metrics !== undefined) {
    scope.stack.use(await serveMetrics({ address: config.metrics.bind_address, metrics }));
  }
  const gate = new Gate(() => leader.group());
  const leads = (): Primary => leader.group().primary;
  const clientServices = [
    { definition: node.NodeServiceService, implementation: createNodeService(view) },
    { definition: join.JoinServiceService, implementation: createJoinService({ leads, keys: () => leader.keys }) },
    { definition: app.KvServiceService, implementation: createKvService(gate) },
  ];
  const channelService = createChannelService({
    leads,
    store: context.store,
    order: createOrder(() => leader.keys),
  });
  const rpc = Object.values(config.network.rpc_interfaces).map((rpcInterface, index) =>
    startGrpcServer({
      address: rpcInterface.bind_address,
      credentials,
      services: clientServices,
      limits,
      log,
      ...(index === 0 ? { metrics } : {}),
    }),
  );
  const nodeToNode = startGrpcServer({
    address: config.network.node_to_node_interface.bind_address,
    credentials,
    services: [{ definition: channel.ChannelServiceService, implementation: channelService }],
    limits: { receiveBytesMax: 64 * 1024 * 1024, sendBytesMax: 256 * 1024 * 1024 },
    log,
  });
  return Promise.all([...rpc, nodeToNode]);
}

async function lead(context: NodeContext, leader: Leader): Promise<void> {
  const { config, resolve, identity, store, log, scope } = context;
  const checkpoint = await Checkpoint.load(resolve(config.output_files.checkpoint_file));
  const head = await store.readHead();
  const common = { identity, store, signal: scope.signal, log };
  if (checkpoint !== undefined && (head.lastSeqno > 0 || checkpoint.content.seqno > 0)) {
    await leader.lead(await resumeService({ ...common, checkpoint }), undefined);
    return;
  }
  if (head.lastSeqno > 0) {
    throw nodeErrors("LEDGER_NOT_EMPTY", "the store already holds a ledger that this node did not start", {
      hint: "name an empty database, or restore this node's private files to take the service up again",
    });
  }
  const { service, genesis } = await createService({
    ...common,
    config,
    start: config.command.start,
    resolve,
    description: await describeNode(context),
  });
  await leader.lead(service, genesis);
}

async function describeNode({ config, resolve, identity, names }: NodeContext): Promise<NodeDescription> {
  const { network, node_certificate: certificate, node_data_json_file: dataFile } = config;
  const published = ({ published_address, bind_address }: { published_address?: string | undefined; bind_address: string }): string =>
    published_address ?? bind_address;
  const addresses = Object.entries(network.rpc_interfaces).map(([name, one]) => [name, published(one)]);
  return {
    role: "ledger",
    publicKeyPem: identity.publicKeyPem,
    encryptionPublicKeyPem: identity.encryptionPublicKeyPem,
    signingRequest: createCsr({
      keyPem: identity.privateKeyPem,
      subject: certificate.subject_name,
      sans: names,
    }),
    nodeToNodeAddress: published(network.node_to_node_interface),
    rpcAddresses: Object.fromEntries(addresses) as Record<string, string>,
    quote: await virtualEvidence(identity.publicKeyDer),
    codeDigest: Buffer.from(VIRTUAL_MEASUREMENT).toString("hex"),
    nodeData:
      dataFile === undefined
        ? undefined
        : (JSON.parse(await readFile(resolve(dataFile), "utf8")) as JsonObject[string]),
  };
}
