// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { dirname, resolve as resolvePath } from "node:path";
import {
  createCsr,
  createLogger,
  createSelfSigned,
  loadConfig,
  type Logger,
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
  VIRTUAL_MEASUREMENT,
  virtualEvidence,
} from "@consortium/ledger";
import { node } from "@consortium/proto";
import type { NodeDescription } from "./admission/node-row.js";
import { type NodeConfig, nodeConfigSchema } from "./config.js";
import { nodeErrors } from "./errors.js";
import { Leader } from "./leader.js";
import { type NodeServers, startServers } from "./servers.js";
import { Checkpoint } from "./service/checkpoint.js";
import { createService } from "./service/create-service.js";
import { resumeService } from "./service/resume-service.js";
import { NodeView } from "./status/node-view.js";

/** A ledger node that serves. */
export interface NodeHandle {
  readonly nodeId: string;
  /** Where clients reach the first of its interfaces. */
  readonly rpcAddress: string;
  readonly serviceCertificate: string;
  /** Commits what was sequenced, gives the lead back, and closes everything. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Default: as configured, on standard output. */
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/** Starts a ledger node from its configuration: a new service, or the one it led before. */
export async function startNode(
  configPath: string,
  options: StartOptions = {},
): Promise<NodeHandle> {
  await using stack = new AsyncDisposableStack();
  const config = await loadConfig(configPath, nodeConfigSchema);
  const folder = dirname(resolvePath(configPath));
  const resolve = (file: string): string => resolvePath(folder, file);
  const log = options.log ?? createNodeLogger(config);
  stack.use(await writePidFile(resolve(config.output_files.pid_file)));
  const { identity, created } = await loadIdentity(
    resolve(config.output_files.node_private_key_file),
    config.node_certificate.curve_id,
  );
  log.info({ nodeId: identity.nodeId, created }, "node identity");
  log.warn("virtual attestation: nothing proves what this node runs; use it for tests only");
  const store = stack.use(await openStore(config, resolve, identity, log));
  const view = new NodeView(identity, store);
  view.selfSignedCertificate = createSelfSigned({
    keyPem: identity.privateKeyPem,
    subject: config.node_certificate.subject_name,
    days: config.node_certificate.initial_validity_days,
    sans: subjectAltNames(config),
  });
  view.state = node.NodeState.INITIALIZED;
  const leader = new Leader(view, config, log);
  stack.defer(() => leader.stop());
  const servers = stack.use(await startServers({ config, view, leader, store, log }));
  stack.defer(() => void (view.stopNotice = true));
  const signal = options.signal ?? new AbortController().signal;
  await lead({ config, resolve, identity, store, log, signal, servers, leader });
  servers.updateCertificate({ key: identity.privateKeyPem, cert: leader.nodeCertificate });
  await writeFileAtomic(resolve(config.output_files.node_certificate_file), leader.nodeCertificate);
  log.info({ view: leader.view, addresses: servers.addresses }, "ready");
  const running = stack.move();
  return {
    nodeId: identity.nodeId,
    rpcAddress: Object.values(servers.rpcAddresses)[0] ?? "",
    serviceCertificate: leader.keys.certificate,
    stop: () => running.disposeAsync(),
  };
}

function createNodeLogger(config: NodeConfig): Logger {
  return createLogger({
    name: "ccf-node",
    level: config.logging.level,
    format: config.logging.format === "Json" ? "json" : "text",
  });
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

interface LeadContext {
  readonly config: NodeConfig;
  readonly resolve: (file: string) => string;
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly servers: NodeServers;
  readonly leader: Leader;
}

async function lead(context: LeadContext): Promise<void> {
  const { config, resolve, store, leader } = context;
  const checkpoint = await Checkpoint.load(resolve(config.output_files.checkpoint_file));
  const head = await store.readHead();
  if (checkpoint !== undefined && (head.lastSeqno > 0 || checkpoint.content.seqno > 0)) {
    await leader.lead(await resumeService({ ...context, checkpoint }), undefined);
    return;
  }
  if (head.lastSeqno > 0) {
    throw nodeErrors(
      "LEDGER_NOT_EMPTY",
      "the store already holds a ledger that this node did not start",
      {
        hint: "name an empty database, or restore this node's private files to take the service up again",
      },
    );
  }
  const { service, genesis } = await createService({
    ...context,
    start: config.command.start,
    description: await describeNode(context),
  });
  await leader.lead(service, genesis);
}

async function describeNode(context: LeadContext): Promise<NodeDescription> {
  const { config, resolve, identity, servers } = context;
  const dataFile = config.node_data_json_file;
  return {
    role: "ledger",
    publicKeyPem: identity.publicKeyPem,
    encryptionPublicKeyPem: identity.encryptionPublicKeyPem,
    signingRequest: createCsr({
      keyPem: identity.privateKeyPem,
      subject: config.node_certificate.subject_name,
      sans: subjectAltNames(config),
    }),
    nodeToNodeAddress: servers.nodeToNodeAddress,
    rpcAddresses: servers.rpcAddresses,
    quote: await virtualEvidence(identity.publicKeyDer),
    codeDigest: Buffer.from(VIRTUAL_MEASUREMENT).toString("hex"),
    nodeData:
      dataFile === undefined
        ? undefined
        : (JSON.parse(await readFile(resolve(dataFile), "utf8")) as JsonObject[string]),
  };
}
