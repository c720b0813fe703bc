// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { dirname, resolve as resolvePath } from "node:path";
import {
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
import { openGroupReader } from "../store/index.js";
import { type JoinerConfig, joinerConfigSchema } from "./config.js";
import { peerErrors } from "./errors.js";
import { LedgerFollower } from "./follower.js";
import { loadIdentity, type NodeIdentity } from "./identity.js";
import { joinNetwork } from "./join-client.js";
import { subjectAltNames } from "./names.js";

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

/** Runs a process that joins the network and serves what it derives from the public ledger. */
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
  scope.stack.use(await writePidFile(resolve(config.output_files.pid_file)));
  const serviceCertificate = await readServiceCertificate(
    resolve(config.command.service_certificate_file),
  );
  const { identity } = await loadIdentity(
    resolve(config.output_files.node_private_key_file),
    config.node_certificate.curve_id,
  );
  log.info({ nodeId: identity.nodeId }, "node identity");
  const nodeCertificate = await join(config, {
    options,
    identity,
    serviceCertificate,
    resolve,
    log,
    scope,
  });
  await writeFileAtomic(resolve(config.output_files.node_certificate_file), nodeCertificate);
  const url = (await readFile(resolve(config.store.url_file), "utf8")).trim();
  const store = await openGroupReader({ url, group: 0, log: log.child({ area: "store" }) });
  scope.stack.use(store);
  const follower = new LedgerFollower({
    identity,
    nodeCertificate,
    serviceCertificate,
    store,
    log: log.child({ area: "follower" }),
  });
  scope.stack.use(follower);
  await follower.start();
  const services = await options.services(follower, { config, identity, log, scope });
  const servers = await serve(config, services, {
    key: identity.privateKeyPem,
    cert: nodeCertificate,
    log,
    scope,
  });
  log.info({ addresses: servers.map(({ address }) => address) }, "ready");
}

async function readServiceCertificate(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw peerErrors(
      "SERVICE_CERTIFICATE_UNREADABLE",
      `cannot read the service certificate ${path}`,
      {
        cause,
        hint: "copy the service certificate from an operator you trust: it is what this node trusts",
      },
    );
  }
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
  },
): Promise<string> {
  const { identity, log, scope } = context;
  const names = subjectAltNames(config);
  const { subject_name: subject, initial_validity_days: days } = config.node_certificate;
  const dataFile = config.node_data_json_file;
  const { node_to_node_interface: nodeToNode, rpc_interfaces: rpc } = config.network;
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
    nodeToNodeAddress: nodeToNode.published_address ?? nodeToNode.bind_address,
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
