// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { dirname, resolve as resolvePath } from "node:path";
import {
  certificateFacts,
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
  joinNetwork,
  type JsonObject,
  loadIdentity,
  type NodeIdentity,
  openGroupStore,
  readNodeCertificate,
  readServiceCertificate,
  subjectAltNames,
  VIRTUAL_MEASUREMENT,
  virtualEvidence,
} from "@consortium/ledger";
import { node } from "@consortium/proto";
import type { NodeDescription } from "./admission/node-row.js";
import { type NodeConfig, nodeConfigSchema } from "./config.js";
import { nodeErrors } from "./errors.js";
import { GroupMember } from "./group/group-member.js";
import { NodeCertificates } from "./node-certificates.js";
import { type NodeServers, startServers } from "./servers.js";
import { Checkpoint } from "./service/checkpoint.js";
import { createService } from "./service/create-service.js";
import { NodeView } from "./status/node-view.js";

/** A ledger node that serves. */
export interface NodeHandle {
  readonly nodeId: string;
  /** Where clients reach the first of its interfaces. */
  readonly rpcAddress: string;
  readonly serviceCertificate: string;
  readonly view: NodeView;
  /** Ends when the node cannot go on; with the reason. */
  readonly ended: Promise<Error | undefined>;
  /** Commits what was sequenced, gives the lead back, and closes everything. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Default: as configured, on standard output. */
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/** Starts a ledger node from its configuration: a new service, one it joins, or the one it was part of. */
export async function startNode(
  configPath: string,
  options: StartOptions = {},
): Promise<NodeHandle> {
  await using stack = new AsyncDisposableStack();
  const config = await loadConfig(configPath, nodeConfigSchema);
  const folder = dirname(resolvePath(configPath));
  const resolve = (file: string): string => resolvePath(folder, file);
  const log = options.log ?? createNodeLogger(config);
  const files = config.output_files;
  stack.use(await writePidFile(resolve(files.pid_file)));
  const { identity, created } = await loadIdentity(
    resolve(files.node_private_key_file),
    config.node_certificate.curve_id,
  );
  log.info({ nodeId: identity.nodeId, created }, "node identity");
  log.warn("virtual attestation: nothing proves what this node runs; use it for tests only");
  const store = stack.use(await openStore(config, resolve, identity, log));
  const view = new NodeView(identity, store);
  view.selfSignedCertificate = selfSigned(config, identity);
  view.state = node.NodeState.INITIALIZED;
  // A restarted node shows the certificate it has until it reads a newer one on the ledger.
  const known = await readNodeCertificate(resolve(files.node_certificate_file), identity);
  const certificate = known ?? view.selfSignedCertificate;
  // Until then its own is what operators recognise it by.
  if (known === undefined) {
    await writeFileAtomic(resolve(files.node_certificate_file), view.selfSignedCertificate);
  }
  const servers = stack.use(await startServers({ config, view, certificate, log }));
  stack.defer(() => void (view.stopNotice = true));
  const signal = options.signal ?? new AbortController().signal;
  const certificates = new NodeCertificates({
    identity,
    view,
    servers,
    log,
    certificateFile: resolve(files.node_certificate_file),
    serviceCertificateFile: resolve(config.command.service_certificate_file),
  });
  const context: Context = {
    config,
    resolve,
    identity,
    store,
    log,
    signal,
    servers,
    view,
    certificates,
  };
  const member = stack.use(await takePart(context));
  certificates.refresh();
  await certificates.written();
  const leading = member.leading !== undefined;
  log.info({ view: view.group?.view, leading, addresses: servers.addresses }, "ready");
  const running = stack.move();
  return {
    nodeId: identity.nodeId,
    rpcAddress: Object.values(servers.rpcAddresses)[0] ?? "",
    serviceCertificate: certificates.serviceCertificate,
    view,
    ended: member.ended.then(() => member.fault),
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

function selfSigned(config: NodeConfig, identity: NodeIdentity): string {
  return createSelfSigned({
    keyPem: identity.privateKeyPem,
    subject: config.node_certificate.subject_name,
    days: config.node_certificate.initial_validity_days,
    sans: subjectAltNames(config),
  });
}

interface Context {
  readonly config: NodeConfig;
  readonly resolve: (file: string) => string;
  readonly identity: NodeIdentity;
  readonly store: GroupStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly servers: NodeServers;
  readonly view: NodeView;
  readonly certificates: NodeCertificates;
}

/** Takes the part in the group that configuration, files and store ask for. */
async function takePart(context: Context): Promise<GroupMember> {
  const { config, resolve, store } = context;
  const checkpoint = await Checkpoint.load(resolve(config.output_files.checkpoint_file));
  const { command } = config;
  const head = await store.readHead();
  const isKnown = checkpoint !== undefined && (head.lastSeqno > 0 || checkpoint.content.seqno > 0);
  if (command.type === "Start" && !isKnown) return createNew(context, head.lastSeqno);
  const anchored = isKnown ? checkpoint : await joinExisting(context);
  const member = newMember(context, anchored, await knownService(context, anchored));
  await member.follow();
  return member;
}

async function createNew(context: Context, lastSeqno: number): Promise<GroupMember> {
  if (lastSeqno > 0) {
    throw nodeErrors(
      "LEDGER_NOT_EMPTY",
      "the store already holds a ledger that this node did not start",
      {
        hint: "name an empty database, or restore this node's private files to take the service up again",
      },
    );
  }
  const { command } = context.config;
  if (command.type !== "Start") throw new TypeError("only a starting node makes a service");
  const { state, genesis, checkpoint } = await createService({
    ...context,
    start: command.start,
    description: await describeNode(context),
  });
  context.servers.hub.updateCertificates(state.nodeCertificate, state.keys.certificate);
  const member = newMember(context, checkpoint, state.keys.certificate);
  await member.create(state, genesis);
  return member;
}

/** Asks to join until the members trust this node; the ledger then holds its secrets. */
async function joinExisting(context: Context): Promise<Checkpoint> {
  const { config, resolve, identity, servers, view } = context;
  const { command } = config;
  if (command.type !== "Join") {
    throw nodeErrors("LEDGER_NOT_EMPTY", "this node remembers a service, but the store is empty", {
      hint: "name the store of this node's service",
    });
  }
  const serviceCertificate = await readServiceCertificate(
    resolve(command.service_certificate_file),
  );
  view.state = node.NodeState.PENDING;
  const { endorsedCertificate } = await joinNetwork({
    target: command.join.target_rpc_address,
    serviceCertificate,
    role: node.NodeRole.LEDGER,
    identity,
    selfSignedCertificate: view.selfSignedCertificate,
    subject: config.node_certificate.subject_name,
    subjectAltNames: subjectAltNames(config),
    nodeToNodeAddress: servers.nodeToNodeAddress,
    rpcAddresses: servers.rpcAddresses,
    nodeDataJson: await readNodeData(context),
    retryMs: command.join.retry_timeout,
    signal: context.signal,
    log: context.log,
  });
  servers.hub.updateCertificates(endorsedCertificate, serviceCertificate);
  const keyId = certificateFacts(serviceCertificate).nodeId;
  return Checkpoint.create(resolve(config.output_files.checkpoint_file), keyId);
}

/** The service certificate on file, if it is the one of the service that this node belongs to. */
async function knownService(
  { config, resolve, log }: Context,
  { content }: Checkpoint,
): Promise<string | undefined> {
  const file = resolve(config.command.service_certificate_file);
  try {
    const certificate = await readServiceCertificate(file);
    if (certificateFacts(certificate).nodeId === content.service_key_id) return certificate;
    log.warn({ file }, "this is not the certificate of this node's service: no snapshot is used");
  } catch (error) {
    log.warn({ err: error }, "no snapshot is used without the service certificate");
  }
  return undefined;
}

function newMember(
  context: Context,
  checkpoint: Checkpoint,
  serviceCertificate: string | undefined,
): GroupMember {
  const { config, identity, store, log, servers, view, certificates } = context;
  const member = new GroupMember({
    groupId: 0,
    config,
    identity,
    store,
    link: servers.hub,
    checkpoint,
    serviceCertificate,
    log,
  });
  view.joined(member);
  // From the first entries on: whoever leads needs channels before its view can begin.
  member.onChange(() => {
    certificates.refresh();
    servers.setReady(view.ready);
  });
  member.onCommitLatency((ms) => view.observeCommit(ms));
  return member;
}

async function readNodeData({ config, resolve }: Context): Promise<string> {
  const file = config.node_data_json_file;
  return file === undefined ? "" : readFile(resolve(file), "utf8");
}

async function describeNode(context: Context): Promise<NodeDescription> {
  const { config, identity, servers } = context;
  const nodeData = await readNodeData(context);
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
    nodeData: nodeData === "" ? undefined : (JSON.parse(nodeData) as JsonObject[string]),
  };
}
