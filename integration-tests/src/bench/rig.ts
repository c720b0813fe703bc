// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { findEmbeddedPostgres } from "@consortium/kit";
import { Consortium, type ConsortiumOptions } from "../harness/consortium.js";
import { Echo } from "./load/echo.js";
import { Load } from "./load/load.js";
import type { LoadRequest, Target } from "./load/messages.js";
import { adopt } from "./measure/noise.js";

/** A complete consortium of built processes, and a load program that is a user of it. */
export class Rig implements AsyncDisposable {
  readonly consortium: Consortium;
  readonly load: Load;
  readonly postgresPid: number;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    parts: Pick<Rig, "consortium" | "load" | "postgresPid">,
    stack: AsyncDisposableStack,
  ) {
    this.consortium = parts.consortium;
    this.load = parts.load;
    this.postgresPid = parts.postgresPid;
    this.#stack = stack;
  }

  static async start(options: ConsortiumOptions = {}): Promise<Rig> {
    await using stack = new AsyncDisposableStack();
    const consortium = stack.use(await Consortium.start(options));
    const load = stack.use(await Load.start(targetOf(consortium)));
    const postgres = await findEmbeddedPostgres(join(consortium.folder, "postgres"));
    const postgresPid = postgres?.pid ?? 0;
    adopt(postgresPid);
    return new Rig({ consortium, load, postgresPid }, stack.move());
  }

  get folder(): string {
    return this.consortium.folder;
  }

  get nodePid(): number {
    return this.consortium.node.program.pid;
  }

  /** Whose CPU time a window of load should read. */
  get watch(): LoadRequest["watch"] {
    return [
      { name: "node", pid: this.nodePid, tree: false },
      { name: "postgres", pid: this.postgresPid, tree: true },
      { name: "governance", pid: this.consortium.governance.program.pid, tree: false },
      { name: "recovery", pid: this.consortium.recovery.program.pid, tree: false },
    ];
  }

  /** Ends the node and starts it on what it has written; the load program connects again. */
  async restartNode(): Promise<void> {
    await this.consortium.node.stop();
    await this.consortium.node.start();
    await this.load.connect(targetOf(this.consortium));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** A user of the first node. */
export function targetOf({ addresses, serviceCertificate, user }: Consortium): Target {
  const { key, certificate } = user;
  return { address: addresses.node.rpc, rootCertificate: serviceCertificate, key, certificate };
}

/** The anchor of everything that goes over gRPC. */
export class EchoRig implements Disposable {
  readonly load: Load;
  readonly #echo: Echo;

  private constructor(echo: Echo, load: Load) {
    this.#echo = echo;
    this.load = load;
  }

  static async start(): Promise<EchoRig> {
    const echo = await Echo.start();
    return new EchoRig(echo, await Load.start(echo.target));
  }

  get watch(): LoadRequest["watch"] {
    return [{ name: "echo", pid: this.#echo.pid, tree: false }];
  }

  [Symbol.dispose](): void {
    this.load[Symbol.dispose]();
    this.#echo[Symbol.dispose]();
  }
}

/** What is started once, when first asked for, and used by many figures. */
export class SharedRigs implements AsyncDisposable {
  #rig: Promise<Rig> | undefined;
  #echo: Promise<EchoRig> | undefined;

  rig(): Promise<Rig> {
    return (this.#rig ??= Rig.start());
  }

  echo(): Promise<EchoRig> {
    return (this.#echo ??= EchoRig.start());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    (await this.#echo)?.[Symbol.dispose]();
    await (await this.#rig)?.[Symbol.asyncDispose]();
  }
}
