// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createClient,
  type RpcClient,
  type ServiceClientConstructor,
  type ServiceShape,
} from "@consortium/kit";
import { app, node } from "@consortium/proto";
import type { KvClient, NodeClient } from "./connections.js";
import { Consortium, type ConsortiumOptions } from "./consortium.js";
import { peerConfig } from "./consortium-config.js";
import { freeAddresses } from "./ports.js";
import type { Participant } from "./participants.js";
import { ServiceProcess } from "./service-process.js";

/** A ledger node among others. */
export interface ClusterNode {
  readonly process: ServiceProcess;
  readonly rpc: string;
  readonly nodeToNode: string;
}

const CALL_MS = 3_000;
const POLL_MS = 20;

/** A consortium with more than one ledger node: the first one started it, the others join. */
export class Cluster implements AsyncDisposable {
  readonly consortium: Consortium;
  readonly nodes: ClusterNode[];
  readonly #stack: AsyncDisposableStack;
  readonly #fields: Record<string, unknown>;

  private constructor(
    consortium: Consortium,
    stack: AsyncDisposableStack,
    fields: Record<string, unknown>,
  ) {
    const { rpc, nodeToNode } = consortium.addresses.node;
    this.consortium = consortium;
    this.nodes = [{ process: consortium.node, rpc, nodeToNode }];
    this.#stack = stack;
    this.#fields = fields;
  }

  static async start(options: ConsortiumOptions = {}): Promise<Cluster> {
    await using stack = new AsyncDisposableStack();
    const consortium = stack.use(await Consortium.start(options));
    return new Cluster(consortium, stack.move(), options.node ?? {});
  }

  /** The addresses where the nodes serve clients. */
  get addresses(): string[] {
    return this.nodes.map(({ rpc }) => rpc);
  }

  node(index: number): ClusterNode {
    const found = this.nodes[index];
    if (found === undefined) throw new Error(`there is no node ${index}`);
    return found;
  }

  /** Prepares another ledger node that is to join through one that is there. */
  async prepareNode(
    addresses?: { rpc: string; nodeToNode: string },
    target = this.node(0).rpc,
  ): Promise<ClusterNode> {
    const [a = "", b = ""] = addresses === undefined ? await freeAddresses(2) : [];
    const { rpc, nodeToNode } = addresses ?? { rpc: a, nodeToNode: b };
    const folder = join(this.consortium.folder, `node${this.nodes.length}`);
    const config = {
      ...peerConfig({ rpc, nodeToNode }),
      ...this.#fields,
      command: {
        type: "Join",
        service_certificate_file: "../service_cert.pem",
        join: { target_rpc_address: target, retry_timeout: "100ms" },
      },
    };
    const storeUrl = this.consortium.storeUrls.ledger;
    const prepared = await ServiceProcess.prepare("node", folder, { config, storeUrl });
    const one = { process: this.#stack.use(prepared), rpc, nodeToNode };
    this.nodes.push(one);
    return one;
  }

  /** Starts a node that is new to the network, has members trust it, and waits until it serves. */
  async join(one: ClusterNode): Promise<string> {
    await one.process.launch();
    const nodeId = await this.pending(one);
    await this.trust(nodeId);
    await this.ready(one);
    return nodeId;
  }

  /** Resolves with the id of a node once it waits for the members' votes. */
  async pending(one: ClusterNode): Promise<string> {
    await one.process.program.printed(/pending: members must vote/);
    const printed = /node identity[^\n]*?\b([0-9a-f]{64})\b/.exec(one.process.program.output);
    if (printed?.[1] === undefined) throw new Error("the node printed no id");
    return printed[1];
  }

  async trust(...nodeIds: string[]): Promise<void> {
    const valid_from = new Date().toISOString();
    await this.consortium.decide(
      ...nodeIds.map((node_id) => ({
        name: "transition_node_to_trusted",
        args: { node_id, valid_from },
      })),
    );
  }

  async ready(one: ClusterNode): Promise<void> {
    await one.process.program.printed(READY);
  }

  nodeClient({ rpc }: ClusterNode): NodeClient {
    return this.client(node.NodeServiceClient, rpc);
  }

  kvClient({ rpc }: ClusterNode, user: Participant = this.consortium.user): KvClient {
    return this.client(app.KvServiceClient, rpc, { key: user.key, cert: user.certificate });
  }

  client<const Service extends ServiceShape>(
    service: ServiceClientConstructor<Service>,
    address: string,
    identity: { key?: string; cert?: string } = {},
  ): RpcClient<Service> {
    const { serviceCertificate: rootCertificate } = this.consortium;
    const options = { address, rootCertificate, defaultDeadlineMs: CALL_MS };
    return createClient(service, { ...options, ...identity });
  }

  /** The node that leads, when one of them says so. */
  async primary(withinMs = 15_000): Promise<ClusterNode> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const parts = await Promise.all(this.nodes.map((one) => this.#leads(one)));
      const leader = this.nodes[parts.indexOf(true)];
      if (leader !== undefined) return leader;
      if (Date.now() > deadline) throw new Error("no node leads");
      await sleep(POLL_MS);
    }
  }

  /** The node that prints this first. */
  async primaryAsSaid(pattern: RegExp): Promise<ClusterNode> {
    const said = this.nodes.map(async (one) => {
      await one.process.program.printed(pattern);
      return one;
    });
    return await Promise.any(said);
  }

  async #leads(one: ClusterNode): Promise<boolean> {
    using client = this.nodeClient(one);
    const answer = await client.getConsensus({}, { deadlineMs: 500 }).catch(() => undefined);
    return answer?.groups[0]?.leading === true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

const READY = /^\S+ INFO +ccf-\w+: ready /m;
