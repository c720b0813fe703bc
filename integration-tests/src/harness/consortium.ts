// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createClient,
  type RpcClient,
  type ServiceClientConstructor,
  type ServiceShape,
} from "@consortium/kit";
import { app, governance, node, recovery } from "@consortium/proto";
import { type Addresses, chooseAddresses, joinerConfig, nodeConfig } from "./consortium-config.js";
import { Database, type StoreUrls } from "./database.js";
import { acknowledge, decide, type GovernanceClient } from "./governing.js";
import { createMember, createParticipant, type Member, type Participant } from "./participants.js";
import { ServiceProcess } from "./service-process.js";
import { temporaryFolder } from "./temporary-folder.js";

export interface ConsortiumOptions {
  /** @default 3 */
  readonly members?: number;
  /** @default 1 */
  readonly users?: number;
  /** Leave the service in Opening, with members that have acknowledged nothing. */
  readonly opening?: boolean;
  /** Another store than an embedded PostgreSQL of its own. */
  readonly store?: StoreUrls;
  /** Fields of the node's configuration over the usual ones. */
  readonly node?: Record<string, unknown>;
  readonly constitution?: readonly string[];
}

export type KvClient = RpcClient<app.KvServiceService>;
export type NodeClient = RpcClient<node.NodeServiceService>;
export type RecoveryClient = RpcClient<recovery.RecoveryServiceService>;

const CALL_MS = 10_000;

/** A complete consortium of built processes in a folder of its own. */
export class Consortium implements AsyncDisposable {
  readonly folder: string;
  readonly addresses: Addresses;
  readonly members: readonly Member[];
  readonly users: readonly Participant[];
  readonly storeUrls: StoreUrls;
  readonly node: ServiceProcess;
  readonly governance: ServiceProcess;
  readonly recovery: ServiceProcess;
  readonly #database: Database | undefined;
  readonly #stack: AsyncDisposableStack;
  serviceCertificate = "";

  private constructor(parts: Parts, stack: AsyncDisposableStack) {
    this.folder = parts.folder;
    this.addresses = parts.addresses;
    this.members = parts.members;
    this.users = parts.users;
    this.storeUrls = parts.storeUrls;
    this.node = parts.node;
    this.governance = parts.governance;
    this.recovery = parts.recovery;
    this.#database = parts.database;
    this.#stack = stack;
  }

  static async start(options: ConsortiumOptions = {}): Promise<Consortium> {
    await using stack = new AsyncDisposableStack();
    const parts = await prepare(options, stack);
    await parts.node.start();
    await Promise.all([parts.governance.start(), parts.recovery.start()]);
    const consortium = new Consortium(parts, stack.move());
    try {
      consortium.serviceCertificate = await readFile(consortium.serviceCertificateFile, "utf8");
      if (options.opening !== true) await consortium.open();
    } catch (error) {
      await consortium[Symbol.asyncDispose]();
      throw error;
    }
    return consortium;
  }

  get database(): Database {
    if (this.#database === undefined) throw new Error("the store is not ours to stop");
    return this.#database;
  }

  get serviceCertificateFile(): string {
    return join(this.folder, "service_cert.pem");
  }

  get member(): Member {
    return required(this.members[0]);
  }

  get user(): Participant {
    return required(this.users[0]);
  }

  /** Members acknowledge, the service is opened, and the users are added. */
  async open(): Promise<void> {
    using client = this.governanceClient();
    for (const member of this.members) await acknowledge(client, member);
    await this.decide({
      name: "transition_service_to_open",
      args: { next_service_identity: this.serviceCertificate },
    });
    const users = this.users.map(({ certificate }) => ({
      name: "set_user",
      args: { cert: certificate },
    }));
    if (users.length > 0) await this.decide(...users);
  }

  async decide(...actions: { name: string; args?: unknown }[]): Promise<governance.Proposal> {
    using client = this.governanceClient();
    return await decide(client, this.members, ...actions);
  }

  nodeClient(): NodeClient {
    return this.#client(node.NodeServiceClient, this.addresses.node.rpc);
  }

  governanceClient(options: { sendBytesMax?: number } = {}): GovernanceClient {
    return this.#client(governance.GovernanceServiceClient, this.addresses.governance.rpc, options);
  }

  recoveryClient(): RecoveryClient {
    return this.#client(recovery.RecoveryServiceClient, this.addresses.recovery.rpc);
  }

  /** As a user; without one, without a client certificate. */
  kvClient(user: Participant | undefined = this.user): KvClient {
    const identity = { key: user.key, cert: user.certificate };
    return this.#client(app.KvServiceClient, this.addresses.node.rpc, identity);
  }

  anonymousKvClient(): KvClient {
    return this.#client(app.KvServiceClient, this.addresses.node.rpc);
  }

  /** In order: every process has to end by itself. */
  async stop(): Promise<void> {
    await Promise.all([this.governance.stop(), this.recovery.stop()]);
    await this.node.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #client<const Service extends ServiceShape>(
    service: ServiceClientConstructor<Service>,
    address: string,
    options: { key?: string; cert?: string; sendBytesMax?: number } = {},
  ): RpcClient<Service> {
    return createClient(service, {
      address,
      rootCertificate: this.serviceCertificate,
      defaultDeadlineMs: CALL_MS,
      ...options,
    });
  }
}

interface Parts {
  readonly folder: string;
  readonly addresses: Addresses;
  readonly members: readonly Member[];
  readonly users: readonly Participant[];
  readonly storeUrls: StoreUrls;
  readonly database: Database | undefined;
  readonly node: ServiceProcess;
  readonly governance: ServiceProcess;
  readonly recovery: ServiceProcess;
}

async function prepare(options: ConsortiumOptions, stack: AsyncDisposableStack): Promise<Parts> {
  const folder = stack.use(await temporaryFolder("consortium"));
  const [database, addresses] = await Promise.all([
    options.store === undefined ? Database.start(folder.join("postgres")) : undefined,
    chooseAddresses(),
  ]);
  if (database !== undefined) stack.use(database);
  const storeUrls = options.store ?? required(database).urls;
  const keys = folder.join("keys");
  await mkdir(keys);
  const members = await Promise.all(
    names("member", options.members ?? 3).map((name) => createMember(keys, name)),
  );
  const users = await Promise.all(
    names("user", options.users ?? 1).map((name) => createParticipant(keys, name)),
  );
  const service = async (
    name: "node" | "governance" | "recovery",
    config: object,
  ): Promise<ServiceProcess> => {
    const storeUrl = storeUrls[name === "node" ? "ledger" : name];
    return stack.use(await ServiceProcess.prepare(name, folder.join(name), { config, storeUrl }));
  };
  const start = nodeConfig(addresses, members, options.constitution);
  return {
    folder: folder.path,
    addresses,
    members,
    users,
    storeUrls,
    database,
    node: await service("node", { ...start, ...options.node }),
    governance: await service("governance", joinerConfig(addresses, "governance")),
    recovery: await service("recovery", joinerConfig(addresses, "recovery")),
  };
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this consortium has none");
  return value;
}
