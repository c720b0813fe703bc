// SPDX-License-Identifier: Apache-2.0
import { createLogger, type GrpcServer, startGrpcServer } from "@consortium/kit";
import { type ChannelHub, type ChannelHubOptions, createChannelHub } from "../hub.js";
import { CHANNEL_SERVER_LIMITS, type ChannelLimits } from "../limits.js";
import { type TestNode, TestService } from "./service.js";

const log = createLogger({ name: "channel-test", level: "silent" });

/** Limits with which tests need not wait. */
export const QUICK: Partial<ChannelLimits> = {
  initiationGapMs: 0,
  handshakeTimeoutMs: 2_000,
  probeTimeoutMs: 200,
  backoffMs: 5,
  backoffMaxMs: 50,
  tickMs: 20,
};

export interface RunningNode extends TestNode {
  readonly hub: ChannelHub;
  readonly server: GrpcServer;
  stop(): Promise<void>;
}

/** Nodes with hubs over real gRPC on the loopback, who know each other's addresses. */
export class TestNetwork implements AsyncDisposable {
  readonly service = new TestService();
  readonly trusted = new Set<string>();
  readonly blacklist = new Set<string>();
  readonly addresses = new Map<string, string>();
  readonly #running = new Set<RunningNode>();

  async start(
    node: TestNode = this.service.node(),
    options: Partial<ChannelHubOptions> = {},
  ): Promise<RunningNode> {
    this.trusted.add(node.nodeId);
    const hub = createChannelHub({
      identity: node,
      nodeCertificate: node.certificate,
      serviceCertificate: this.service.certificate,
      trust: (nodeId) => this.trusted.has(nodeId),
      blacklisted: (nodeId) => this.blacklist.has(nodeId),
      addressOf: (nodeId) => this.addresses.get(nodeId),
      log,
      ...options,
      limits: { ...QUICK, ...options.limits },
    });
    const server = await startGrpcServer({
      address: "127.0.0.1:0",
      credentials: "plaintext",
      services: [hub.service],
      limits: CHANNEL_SERVER_LIMITS,
    });
    this.addresses.set(node.nodeId, server.address);
    const running: RunningNode = {
      ...node,
      hub,
      server,
      stop: async () => {
        this.#running.delete(running);
        await hub.close();
        await server.close(0);
      },
    };
    this.#running.add(running);
    return running;
  }

  /** Two running nodes, the one with the lower id first. */
  async pair(options: Partial<ChannelHubOptions> = {}): Promise<[RunningNode, RunningNode]> {
    const [lower, higher] = this.service.pair();
    return [await this.start(lower, options), await this.start(higher, options)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((node) => node.stop()));
  }
}

/** Waits until it is so. */
export async function until(condition: () => boolean, timeoutMs = 5_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
