// SPDX-License-Identifier: Apache-2.0
import { PostgreSqlContainer, type StartedPostgreSqlContainer } from "@testcontainers/postgresql";
import { type ContainerRuntimeClient, getContainerRuntimeClient } from "testcontainers";
import { prepareStore, type StoreUrls } from "./database.js";
import { freeAddress, portOf } from "./ports.js";

export const POSTGRES_IMAGE = "postgres:17-alpine";
const POSTGRES_PORT = 5432;

/** The container engine, or an error that says what to do. */
export async function requireContainerEngine(): Promise<ContainerRuntimeClient> {
  try {
    return await getContainerRuntimeClient();
  } catch (cause) {
    throw new Error(
      "these tests need a container engine: start Docker (or set DOCKER_HOST), and try `docker info`",
      { cause },
    );
  }
}

/** A PostgreSQL in a container, with faults to order. */
export class ContainerDatabase implements AsyncDisposable {
  /** Through a port that stays over restarts. */
  readonly adminUrl: string;
  readonly urls: StoreUrls;
  readonly #container: StartedPostgreSqlContainer;
  readonly #engine: ContainerRuntimeClient;

  private constructor(
    container: StartedPostgreSqlContainer,
    engine: ContainerRuntimeClient,
    urls: StoreUrls,
  ) {
    this.#container = container;
    this.#engine = engine;
    this.adminUrl = container.getConnectionUri();
    this.urls = urls;
  }

  static async start(): Promise<ContainerDatabase> {
    const engine = await requireContainerEngine();
    const port = portOf(await freeAddress());
    const container = await new PostgreSqlContainer(POSTGRES_IMAGE)
      .withExposedPorts({ container: POSTGRES_PORT, host: port })
      .start();
    try {
      const urls = await prepareStore(container.getConnectionUri());
      return new ContainerDatabase(container, engine, urls);
    } catch (error) {
      await container.stop();
      throw error;
    }
  }

  /** Stops every process of it where it is, as a machine does that hangs. */
  async pause(): Promise<void> {
    await this.#engine.container.getById(this.#container.getId()).pause();
  }

  async unpause(): Promise<void> {
    await this.#engine.container.getById(this.#container.getId()).unpause();
  }

  /** As a machine that loses its power, and comes back. */
  async killAndRestart(): Promise<void> {
    await this.#engine.container.getById(this.#container.getId()).kill();
    await this.#container.restart();
  }

  /** Another network that it is reached by, under a name. */
  async join(network: string, alias: string): Promise<void> {
    await this.#engine.network.getById(network).connect({
      Container: this.#container.getId(),
      EndpointConfig: { Aliases: [alias] },
    });
  }

  /** Cuts it off from that network. */
  async leave(network: string): Promise<void> {
    await this.#engine.network.getById(network).disconnect({ Container: this.#container.getId() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.stop();
  }
}
