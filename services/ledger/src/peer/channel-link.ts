// SPDX-License-Identifier: Apache-2.0
import { type GrpcServer, type GrpcService, type Logger, startGrpcServer } from "@consortium/kit";
import { exchange } from "@consortium/proto";
import {
  CHANNEL_SERVER_LIMITS,
  type ChannelHub,
  type ChannelStatus,
  createChannelHub,
} from "../channel/index.js";
import { keyFromText, type KvReader } from "../kv/index.js";
import { rows, TABLES } from "../tables/index.js";
import { peerErrors } from "./errors.js";
import type { NodeIdentity } from "./identity.js";
import type { PeerLink } from "./peer-link.js";

export interface ChannelLinkOptions {
  readonly identity: NodeIdentity;
  /** The state that tells who is trusted, and where. */
  readonly kv: () => KvReader | undefined;
  readonly log: Logger;
}

type RequestHandler = Parameters<PeerLink["onRequest"]>[1];
type ConsensusHandler = Parameters<PeerLink["onConsensus"]>[0];

/** A submission holds the signed request that led to it, and all that it writes. */
const REQUEST_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The channels of one process, from before it has a certificate: until then nobody is answered, and
 * asking anybody fails.
 */
export class ChannelLink implements PeerLink, AsyncDisposable {
  readonly #options: ChannelLinkOptions;
  readonly #requestHandlers = new Map<string, RequestHandler>();
  #consensusHandler: ConsensusHandler = () => undefined;
  #lostHandler: (peerId: string) => void = () => undefined;
  #hub: ChannelHub | undefined;

  constructor(options: ChannelLinkOptions) {
    this.#options = options;
  }

  /** To be mounted on the node-to-node interface. */
  get service(): GrpcService {
    return {
      definition: exchange.ExchangeServiceService,
      implementation: {
        exchange: (call: { emit(event: "error", error: Error): boolean }) => {
          const handler = this.#hub?.service.implementation["exchange"];
          if (handler === undefined) call.emit("error", notReady());
          else (handler as (call: unknown) => void)(call);
        },
      },
    };
  }

  /** From here on this process has channels; again when a certificate was renewed. */
  updateCertificates(nodeCertificate: string, serviceCertificate: string): void {
    if (this.#hub !== undefined) {
      this.#hub.updateServiceCertificate(serviceCertificate);
      this.#hub.updateCertificate(nodeCertificate);
      return;
    }
    const { identity, log } = this.#options;
    this.#hub = createChannelHub({
      identity,
      nodeCertificate,
      serviceCertificate,
      trust: (nodeId) => hasPart(this.#node(nodeId)),
      addressOf: (nodeId) => this.#addressOf(nodeId),
      log: log.child({ area: "channel" }),
      limits: { requestBytesMax: REQUEST_BYTES_MAX },
    });
    for (const [kind, handler] of this.#requestHandlers) this.#hub.onRequest(kind, handler);
    this.#hub.onConsensus(this.#consensusHandler);
    this.#hub.onChannel((peerId, state) => {
      if (state === "INACTIVE") this.#lostHandler(peerId);
    });
  }

  async request(...args: Parameters<PeerLink["request"]>): Promise<Uint8Array> {
    if (this.#hub === undefined) throw notReady();
    const [peerId, kind, payload, options] = args;
    return this.#hub.request(peerId, kind, payload, options ?? {});
  }

  onRequest(kind: string, handler: RequestHandler): void {
    this.#requestHandlers.set(kind, handler);
    this.#hub?.onRequest(kind, handler);
  }

  async send(peerId: string, header: Uint8Array, entries: Uint8Array): Promise<void> {
    if (this.#hub === undefined) throw notReady();
    await this.#hub.send(peerId, header, entries);
  }

  onConsensus(handler: ConsensusHandler): void {
    this.#consensusHandler = handler;
    this.#hub?.onConsensus(handler);
  }

  onLost(handler: (peerId: string) => void): void {
    this.#lostHandler = handler;
  }

  /** The channels of this process, as they are now. */
  states(): ChannelStatus[] {
    return this.#hub?.states() ?? [];
  }

  recheck(): void {
    this.#hub?.recheck();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub?.close();
  }

  #node(nodeId: string): rows.NodeInfo | undefined {
    const row = this.#options.kv()?.get(TABLES.nodesInfo, keyFromText(nodeId));
    return row === undefined ? undefined : rows.nodesInfo.decode(row.value);
  }

  #addressOf(nodeId: string): string | undefined {
    const nodeToNode = this.#node(nodeId)?.node_to_node_interface;
    return nodeToNode?.published_address ?? nodeToNode?.bind_address;
  }
}

/** A retired node is heard until its retirement is complete: its own needs the others' answers. */
function hasPart(node: rows.NodeInfo | undefined): boolean {
  if (node?.status === "Trusted") return true;
  return node?.status === "Retired" && node.retired_committed !== true;
}

/**
 * Listens for other nodes. Without TLS: the channels do their own key exchange, encryption and
 * authentication, whatever carries them.
 */
export function startChannelServer(
  address: string,
  link: ChannelLink,
  log: Logger,
): Promise<GrpcServer> {
  return startGrpcServer({
    address,
    credentials: "plaintext",
    services: [link.service],
    limits: CHANNEL_SERVER_LIMITS,
    log,
  });
}

function notReady(): Error {
  return peerErrors("NODE_NOT_READY", "this node has no certificate of the service yet", {
    hint: "ask again when the node has joined",
    retryAfterMs: 200,
  });
}
