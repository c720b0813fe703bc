// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { dirname, resolve as resolvePath } from "node:path";
import {
  certificateFacts,
  createLogger,
  createMetrics,
  createSelfSigned,
  type GrpcServer,
  type GrpcService,
  loadConfig,
  type Logger,
  serveMetrics,
  type ServiceScope,
  startGrpcServer,
  writeFileAtomic,
  writePidFile,
} from "@consortium/kit";
import type { node } from "@consortium/proto";
import { keyFromText, SINGLETON_KEY } from "../kv/index.js";
import { openGroupReader } from "../store/index.js";
import { rows, TABLES } from "../tables/index.js";
import { type JoinerConfig, joinerConfigSchema } from "./config.js";
import { readServiceCertificate } from "./certificate-files.js";
import { ChannelLink, startChannelServer } from "./channel-link.js";
import { LedgerFollower } from "./follower.js";
import { loadIdentity, type NodeIdentity } from "./identity.js";
import { joinNetwork } from "./join-client.js";
import { subjectAltNames } from "./names.js";
import { untilRetired } from "./retired.js";

export interface JoinerOptions {
  /** For example `ccf-governance`. */
  readonly name: string;
  readonly role: node.NodeRole;
  /** Makes the services of this process, once the ledger is being followed. */
  readonly services: (follower: LedgerFollower, context: JoinerContext) => Promise<GrpcService[]>;
}

export interface JoinerContext {
  readonly config: JoinerConfig;
  readonly identity: NodeIdentity;
  readonly log: Logger;
  readonly scope: ServiceScope;
}

/**
 * Runs a process that joins the network and serves what it derives from the public ledger, until it
 * is told to stop or members have retired it.
 */
export async function runJoiner(
  configPath: string,
  options: JoinerOptions,
  scope: ServiceScope,
): Promise<void> {
  const config = await loadConfig(configPath, joinerConfigSchema);
  const resolve = (file: string): string => resolvePath(dirname(resolvePath(configPath)), file);
  const log = createLogger({
    name: options.name,
    level: config.logging.level,
    format: config.logging.format === "Json" ? "json" : "text",
  });
  scope.useLog(log);
  const { stack } = scope;
  stack.use(await writePidFile(resolve(config.output_files.pid_file)));
  const serviceCertificate = await readServiceCertificate(
    resolve(config.command.service_certificate_file),
  );
  const { identity } = await loadIdentity(
    resolve(config.output_files.node_private_key_file),
    config.node_certificate.curve_id,
  );
  log.info({ nodeId: identity.nodeId }, "node identity");
  const url = (await readFile(resolve(config.store.url_file), "utf8")).trim();
  const store = stack.use(
    await openGroupReader({ url, group: 0, log: log.child({ area: "store" }) }),
  );
  const followers: LedgerFollower[] = [];
  const link = stack.use(
    new ChannelLink({ identity, kv: () => followers[0]?.replica.kv.committed, log }),
  );
  const nodeToNode = config.network.node_to_node_interface;
  const channels = await startChannelServer(nodeToNode.bind_address, link, log);
  // Channels stay open as long as both sides live: there is nothing to wait for.
  stack.defer(() => channels.close(0));
  const nodeToNodeAddress = nodeToNode.published_address ?? channels.address;
  const context = { options, identity, serviceCertificate, resolve, log, scope, nodeToNodeAddress };
  const nodeCertificate = await join(config, context);
  const certificateFile = resolve(config.output_files.node_certificate_file);
  await writeFileAtomic(certificateFile, nodeCertificate);
  link.updateCertificates(nodeCertificate, serviceCertificate);
  const follower = new LedgerFollower({
    groupId: 0,
    serviceKeyId: certificateFacts(serviceCertificate).nodeId,
    serviceCertPem: serviceCertificate,
    store,
    link,
    log: log.child({ area: "follower" }),
  });
  followers.push(follower);
  stack.defer(() => follower.stop());
  link.onConsensus((peerId, header, entries) => follower.receive(peerId, header, entries));
  await follower.catchUp();
  const services = await options.services(follower, { config, identity, log, scope });
  const credentials = { key: identity.privateKeyPem, cert: nodeCertificate };
  const servers = await serve(config, services, { ...credentials, log, scope });
  followCertificate(follower, { identity, servers, link, certificateFile, log });
  watchStore(follower, scope.signal, log);
  log.info({ addresses: servers.map(({ address }) => address) }, "ready");
  await untilRetired(follower, identity.nodeId, scope.signal);
}

/** Asks the store while the primary is silent: a message may have been lost. */
function watchStore(follower: LedgerFollower, signal: AbortSignal, log: Logger): void {
  const timer = setInterval(() => {
    if (follower.silenceMs < WATCH_STORE_MS) return;
    follower.catchUp().catch((error: unknown) => log.warn({ err: error }, "cannot read the store"));
  }, WATCH_STORE_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

const WATCH_STORE_MS = 1000;

interface CertificateContext {
  readonly identity: NodeIdentity;
  readonly servers: readonly GrpcServer[];
  readonly link: ChannelLink;
  readonly certificateFile: string;
  readonly log: Logger;
}

/** Shows a renewed certificate to new connections as soon as it is on the ledger. */
function followCertificate(follower: LedgerFollower, context: CertificateContext): void {
  const { identity, servers, link, certificateFile, log } = context;
  let known = 0;
  let serviceKnown = 0;
  follower.onAdvance(() => {
    const kv = follower.replica.kv.committed;
    const own = kv.get(TABLES.nodesEndorsedCertificates, keyFromText(identity.nodeId));
    const service = kv.get(TABLES.serviceInfo, SINGLETON_KEY);
    if (own === undefined || service === undefined) return;
    if (own.version === known && service.version === serviceKnown) return;
    const isOwnNew = own.version !== known;
    [known, serviceKnown] = [own.version, service.version];
    const cert = Buffer.from(own.value).toString("utf8");
    link.updateCertificates(cert, rows.serviceInfo.decode(service.value).cert);
    if (!isOwnNew) return;
    for (const server of servers) server.updateCertificate({ key: identity.privateKeyPem, cert });
    writeFileAtomic(certificateFile, cert).catch((error: unknown) => {
      log.error({ err: error }, "could not write the node certificate");
    });
  });
}

async function join(
  config: JoinerConfig,
  context: {
    options: JoinerOptions;
    identity: NodeIdentity;
    serviceCertificate: string;
    resolve: (file: string) => string;
    log: Logger;
    scope: ServiceScope;
    nodeToNodeAddress: string;
  },
): Promise<string> {
  const { identity, log, scope } = context;
  const names = subjectAltNames(config);
  const { subject_name: subject, initial_validity_days: days } = config.node_certificate;
  const dataFile = config.node_data_json_file;
  const { rpc_interfaces: rpc } = config.network;
  const addresses = Object.entries(rpc).map(([name, one]) => [
    name,
    one.published_address ?? one.bind_address,
  ]);
  const { endorsedCertificate } = await joinNetwork({
    target: config.command.join.target_rpc_address,
    serviceCertificate: context.serviceCertificate,
    role: context.options.role,
    identity,
    selfSignedCertificate: createSelfSigned({
      keyPem: identity.privateKeyPem,
      subject,
      days,
      sans: names,
    }),
    subject,
    subjectAltNames: names,
    nodeToNodeAddress: context.nodeToNodeAddress,
    rpcAddresses: Object.fromEntries(addresses) as Record<string, string>,
    nodeDataJson: dataFile === undefined ? "" : await readFile(context.resolve(dataFile), "utf8"),
    retryMs: config.command.join.retry_timeout,
    signal: scope.signal,
    log,
  });
  return endorsedCertificate;
}

async function serve(
  config: JoinerConfig,
  services: readonly GrpcService[],
  { key, cert, log, scope }: { key: string; cert: string; log: Logger; scope: ServiceScope },
): Promise<GrpcServer[]> {
  const metrics = createMetrics();
  if (config.metrics !== undefined) {
    scope.stack.use(await serveMetrics({ address: config.metrics.bind_address, metrics }));
  }
  const servers: GrpcServer[] = [];
  for (const [index, one] of Object.values(config.network.rpc_interfaces).entries()) {
    const server = await startGrpcServer({
      address: one.bind_address,
      credentials: { key, cert },
      services,
      limits: { receiveBytesMax: config.limits.max_message_size },
      log,
      ...(index === 0 ? { metrics } : {}),
    });
    scope.stack.use(server);
    servers.push(server);
  }
  return servers;
}
