// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { chown, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { withLogin } from "@consortium/kit";
import { GenericContainer, Network, type StartedTestContainer, Wait } from "testcontainers";
import { Connections } from "./connections.js";
import { joinerConfig, nodeConfig } from "./consortium-config.js";
import { createPeople } from "./consortium.js";
import { ContainerDatabase, requireContainerEngine } from "./containers.js";
import type { StoreUrls } from "./database.js";
import type { Member, Participant } from "./participants.js";
import { freeAddress, portOf } from "./ports.js";
import { temporaryFolder } from "./temporary-folder.js";
import { constitutionFiles, ROOT, type ServiceName } from "./workspace.js";

const SERVICES = ["node", "governance", "recovery"] as const;
const RPC_PORT = 8000;
const NODE_PORT = 8001;
/** The user of the image. */
const IMAGE_USER = 1000;
const DATA = "/data";

/** With a registry in its name, so that nothing is put before it. */
const IMAGE = "localhost/consortium-ledger:test";

/** Builds the image of the services from what is built here. */
async function buildImage(scratch: string): Promise<void> {
  const context = join(scratch, "image");
  const stage = join(ROOT, "deploy", "docker", "stage.mjs");
  await promisify(execFile)(process.execPath, [stage, context]);
  const baseImage = process.env["BASE_IMAGE"] ?? "node:24-slim";
  await GenericContainer.fromDockerfile(context)
    .withBuildArgs({ BASE_IMAGE: baseImage })
    .build(IMAGE, { deleteOnExit: false });
}

/** A service in a container, and what may happen to it. */
export class ContainerService {
  readonly address: string;
  readonly #container: StartedTestContainer;

  constructor(container: StartedTestContainer, address: string) {
    this.#container = container;
    this.address = address;
  }

  async pause(): Promise<void> {
    await (await this.#handle()).pause();
  }

  async unpause(): Promise<void> {
    await (await this.#handle()).unpause();
  }

  async killAndRestart(): Promise<void> {
    await (await this.#handle()).kill();
    await this.#container.restart();
  }

  /** Asks it to end, as `docker stop` does; answers its exit code. */
  async stop(): Promise<number> {
    const handle = await this.#handle();
    await handle.stop({ t: 20 });
    return (await handle.inspect()).State.ExitCode;
  }

  async restart(): Promise<void> {
    await this.#container.restart();
  }

  async remove(): Promise<void> {
    await this.#container.stop();
  }

  async #handle() {
    return (await requireContainerEngine()).container.getById(this.#container.getId());
  }
}

/** A consortium of which every part is a container, on a network of their own. */
export class ContainerConsortium extends Connections implements AsyncDisposable {
  readonly database: ContainerDatabase;
  readonly services: Readonly<Record<ServiceName, ContainerService>>;
  readonly #network: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Parts, stack: AsyncDisposableStack) {
    super(parts.members, parts.users);
    this.database = parts.database;
    this.services = parts.services;
    this.#network = parts.network;
    this.#stack = stack;
  }

  static async start(): Promise<ContainerConsortium> {
    await requireContainerEngine();
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await temporaryFolder("containers"));
    await buildImage(folder.path);
    const network = await new Network().start();
    stack.defer(async () => void (await network.stop()));
    const database = stack.use(await ContainerDatabase.start());
    await database.join(network.getId(), "db");
    stack.defer(() => database.leave(network.getId()).catch(() => undefined));
    const people = await prepareFolder(folder.join("data"), database.urls);
    const services: Partial<Record<ServiceName, ContainerService>> = {};
    for (const service of SERVICES) {
      const started = await startService(service, folder.join("data"), network.getName());
      stack.defer(() => started.remove());
      services[service] = started;
    }
    const parts = { ...people, database, network: network.getId(), services };
    const consortium = new ContainerConsortium(parts as Parts, stack.move());
    consortium.serviceCertificate = await readFile(folder.join("data", "service_cert.pem"), "utf8");
    return consortium;
  }

  rpcAddress(service: ServiceName): string {
    return this.services[service].address;
  }

  /** Between the database and all services. */
  async cutOffDatabase(): Promise<void> {
    await this.database.leave(this.#network);
  }

  async healNetwork(): Promise<void> {
    await this.database.join(this.#network, "db");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

interface Parts {
  readonly members: readonly Member[];
  readonly users: readonly Participant[];
  readonly database: ContainerDatabase;
  readonly network: string;
  readonly services: Readonly<Record<ServiceName, ContainerService>>;
}

/** Keys, constitution and configurations, with the paths and names that they have in the containers. */
async function prepareFolder(
  folder: string,
  urls: StoreUrls,
): Promise<{ members: Member[]; users: Participant[] }> {
  await mkdir(folder);
  const people = await createPeople(join(folder, "keys"), {});
  const sources = await Promise.all(constitutionFiles().map((file) => readFile(file, "utf8")));
  await writeFile(join(folder, "constitution.js"), sources.join("\n"));
  const inside = people.members.map((member) => ({
    ...member,
    certificateFile: member.certificateFile.replace(folder, DATA),
    encryptionPublicKeyFile: member.encryptionPublicKeyFile.replace(folder, DATA),
  }));
  const at = (name: string) => ({ rpc: `${name}:${RPC_PORT}`, nodeToNode: `${name}:${NODE_PORT}` });
  const addresses = { node: at("node"), governance: at("governance"), recovery: at("recovery") };
  const configs = {
    node: nodeConfig(addresses, inside, [`${DATA}/constitution.js`]),
    governance: joinerConfig(addresses, "governance"),
    recovery: joinerConfig(addresses, "recovery"),
  };
  for (const service of SERVICES) {
    const url = new URL(urls[service === "node" ? "ledger" : service]);
    await mkdir(join(folder, service));
    await writeFile(join(folder, service, "store.url"), databaseInside(url), { mode: 0o600 });
    const config = { ...configs[service], ...networkInside(service) };
    await writeFile(join(folder, service, `${service}.json`), JSON.stringify(config));
  }
  if (process.getuid?.() === 0) await giveTo(IMAGE_USER, folder);
  return people;
}

function databaseInside(url: URL): string {
  url.hostname = "db";
  url.port = "5432";
  return withLogin(url.toString(), {});
}

/** It listens everywhere, is known to the others by its name, and to the test by 127.0.0.1. */
function networkInside(service: ServiceName): object {
  const on = (port: number): object => ({
    bind_address: `0.0.0.0:${port}`,
    published_address: `${service}:${port}`,
  });
  return {
    network: { node_to_node_interface: on(NODE_PORT), rpc_interfaces: { main: on(RPC_PORT) } },
    node_certificate: {
      initial_validity_days: 30,
      subject_alt_names: [`dNSName:${service}`, "iPAddress:127.0.0.1"],
    },
  };
}

async function startService(
  service: ServiceName,
  folder: string,
  network: string,
): Promise<ContainerService> {
  const address = await freeAddress();
  const config = `${DATA}/${service}/${service}.json`;
  const uid = process.getuid?.();
  const container = new GenericContainer(IMAGE)
    .withNetworkMode(network)
    .withNetworkAliases(service)
    .withExposedPorts({ container: RPC_PORT, host: portOf(address) })
    .withBindMounts([{ source: folder, target: DATA }])
    .withCommand([service, "start", "--config", config])
    .withWaitStrategy(Wait.forLogMessage(/ready /));
  if (uid !== undefined && uid !== 0) container.withUser(String(uid));
  let log = "";
  container.withLogConsumer((stream) => stream.on("data", (line) => (log += String(line))));
  try {
    return new ContainerService(await container.start(), address);
  } catch (cause) {
    throw new Error(`the ${service} service did not start in its container:\n${log}`, { cause });
  }
}

async function giveTo(uid: number, folder: string): Promise<void> {
  await chown(folder, uid, uid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(uid, path);
    else await chown(path, uid, uid);
  }
}
