// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Connections, required } from "./connections.js";
import { type Addresses, chooseAddresses, joinerConfig, nodeConfig } from "./consortium-config.js";
import { Database, type StoreUrls } from "./database.js";
import { createMember, createParticipant, type Member, type Participant } from "./participants.js";
import { ServiceProcess } from "./service-process.js";
import { temporaryFolder } from "./temporary-folder.js";
import type { ServiceName } from "./workspace.js";

export type { KvClient, NodeClient, RecoveryClient } from "./connections.js";

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

/** A complete consortium of built processes in a folder of its own. */
export class Consortium extends Connections implements AsyncDisposable {
  readonly folder: string;
  readonly addresses: Addresses;
  readonly storeUrls: StoreUrls;
  readonly node: ServiceProcess;
  readonly governance: ServiceProcess;
  readonly recovery: ServiceProcess;
  readonly #database: Database | undefined;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Parts, stack: AsyncDisposableStack) {
    super(parts.members, parts.users);
    this.folder = parts.folder;
    this.addresses = parts.addresses;
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

  rpcAddress(service: ServiceName): string {
    return this.addresses[service].rpc;
  }

  /** In order: every process has to end by itself. */
  async stop(): Promise<void> {
    await Promise.all([this.governance.stop(), this.recovery.stop()]);
    await this.node.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
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
  const [database, addresses, people] = await Promise.all([
    options.store === undefined ? Database.start(folder.join("postgres")) : undefined,
    chooseAddresses(),
    createPeople(folder.join("keys"), options),
  ]);
  if (database !== undefined) stack.use(database);
  const storeUrls = options.store ?? required(database).urls;
  const service = async (name: ServiceName, config: object): Promise<ServiceProcess> => {
    const storeUrl = storeUrls[name === "node" ? "ledger" : name];
    return stack.use(await ServiceProcess.prepare(name, folder.join(name), { config, storeUrl }));
  };
  const start = nodeConfig(addresses, people.members, options.constitution);
  return {
    folder: folder.path,
    addresses,
    ...people,
    storeUrls,
    database,
    node: await service("node", { ...start, ...options.node }),
    governance: await service("governance", joinerConfig(addresses, "governance")),
    recovery: await service("recovery", joinerConfig(addresses, "recovery")),
  };
}

/** `member0` … and `user0` …, with their files. */
export async function createPeople(
  folder: string,
  counts: { members?: number; users?: number },
): Promise<{ members: Member[]; users: Participant[] }> {
  await mkdir(folder);
  const [members, users] = await Promise.all([
    Promise.all(names("member", counts.members ?? 3).map((name) => createMember(folder, name))),
    Promise.all(names("user", counts.users ?? 1).map((name) => createParticipant(folder, name))),
  ]);
  return { members, users };
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
