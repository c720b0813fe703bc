// SPDX-License-Identifier: Apache-2.0
import { Cluster, type ClusterNode } from "../harness/cluster.js";
import { Load } from "./load/load.js";
import type { LoadRequest, Target } from "./load/messages.js";

/** A consortium of three ledger nodes, with load programs at the primary and at a backup. */
export class ClusterRig implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly atPrimary: Load;
  readonly atBackup: Load;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    parts: Pick<ClusterRig, "cluster" | "atPrimary" | "atBackup">,
    stack: AsyncDisposableStack,
  ) {
    this.cluster = parts.cluster;
    this.atPrimary = parts.atPrimary;
    this.atBackup = parts.atBackup;
    this.#stack = stack;
  }

  static async start(): Promise<ClusterRig> {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(await startCluster());
    const primary = await cluster.primary();
    const backup = cluster.nodes.find((one) => one !== primary) ?? primary;
    const atPrimary = stack.use(await Load.start(targetOf(cluster, primary)));
    const atBackup = stack.use(await Load.start(targetOf(cluster, backup)));
    return new ClusterRig({ cluster, atPrimary, atBackup }, stack.move());
  }

  /** Whose CPU time a window of load should read. */
  get watch(): LoadRequest["watch"] {
    return this.cluster.nodes.map(({ process }, index) => ({
      name: `node${index}`,
      pid: process.program.pid,
      tree: false,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Three ledger nodes that members trust. */
export async function startCluster(): Promise<Cluster> {
  const cluster = await Cluster.start();
  try {
    const joiners = [await cluster.prepareNode(), await cluster.prepareNode()];
    for (const joiner of joiners) await cluster.join(joiner);
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

function targetOf({ consortium }: Cluster, { rpc: address }: ClusterNode): Target {
  const { serviceCertificate: rootCertificate, user } = consortium;
  return { address, rootCertificate, key: user.key, certificate: user.certificate };
}
