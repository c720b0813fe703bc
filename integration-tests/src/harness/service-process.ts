// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Program } from "./program.js";
import { serviceProgram, type ServiceName } from "./workspace.js";

/** What a service prints when everything of it serves. */
const READY = /^\S+ INFO +ccf-\w+: ready /m;

/** One of our services: its folder, its configuration, and the process that runs now. */
export class ServiceProcess implements AsyncDisposable {
  readonly service: ServiceName;
  readonly folder: string;
  readonly configFile: string;
  #program: Program | undefined;

  private constructor(service: ServiceName, folder: string) {
    this.service = service;
    this.folder = folder;
    this.configFile = join(folder, `${service}.json`);
  }

  /** Writes what the service is started from. */
  static async prepare(
    service: ServiceName,
    folder: string,
    { config, storeUrl }: { config: object; storeUrl: string },
  ): Promise<ServiceProcess> {
    const prepared = new ServiceProcess(service, folder);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "store.url"), `${storeUrl}\n`, { mode: 0o600 });
    await writeFile(prepared.configFile, JSON.stringify(config, undefined, 2));
    return prepared;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error(`${this.service} was not started`);
    return this.#program;
  }

  /** Starts the process, and does not wait until it serves. */
  async launch(): Promise<Program> {
    this.#program = await this.launchAnother();
    return this.#program;
  }

  /** Has somebody else start it, and does not wait until it serves. */
  async launchBy(start: (configFile: string) => Promise<Program>): Promise<void> {
    this.#program = await start(this.configFile);
  }

  /** Starts a second process from the same files. */
  launchAnother(): Promise<Program> {
    const args = [...NODE_FLAGS, serviceProgram(this.service)];
    return Program.start(process.execPath, [...args, "--config", this.configFile], {
      name: `ccf-${this.service}`,
      cwd: this.folder,
    });
  }

  /** Starts the process, and waits until it serves. */
  async start(): Promise<void> {
    const program = await this.launch();
    await program.printed(READY);
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }
}

/** As `ccfctl` starts them. */
const NODE_FLAGS = ["--enable-source-maps", "--max-semi-space-size=4"];
