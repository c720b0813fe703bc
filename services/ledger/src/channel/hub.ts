// SPDX-License-Identifier: Apache-2.0
import { duplex, type GrpcService, type Logger } from "@consortium/kit";
import { exchange } from "@consortium/proto";
import { type Clock, systemClock } from "./clock.js";
import type { ConsensusHandler } from "./consensus.js";
import { channelErrors } from "./errors.js";
import { type ChannelLimits, DEFAULT_CHANNEL_LIMITS } from "./limits.js";
import { LocalParty } from "./party.js";
import { Peer } from "./peer.js";
import { type RequestHandler, tooLarge } from "./requests.js";
import type { ChannelState } from "./session.js";
import { Streams } from "./streams.js";
import { createTransport } from "./transport.js";

export interface ChannelHubOptions {
  /** The node's id and signing key (PEM). */
  readonly identity: { readonly nodeId: string; readonly privateKeyPem: string };
  /** PEM, endorsed by the service. */
  readonly nodeCertificate: string;
  /** PEM; peers must be endorsed by it. */
  readonly serviceCertificate: string;
  /** Whether a node is Trusted now. Asked before and during the life of a channel. */
  trust(nodeId: string): boolean;
  /** Whether this node's operator refuses the peer. It cuts channels and changes no membership. */
  blacklisted?(nodeId: string): boolean;
  /** `host:port` of a node's node-to-node interface, if it is known. */
  addressOf(nodeId: string): string | undefined;
  readonly log: Logger;
  readonly limits?: Partial<ChannelLimits>;
  readonly clock?: Clock;
}

export interface RequestOptions {
  /** @default 10000 */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** One channel, for people and metrics. */
export interface ChannelStatus {
  readonly peerId: string;
  readonly state: ChannelState;
  /** Who opened the stream in use. */
  readonly openedBy: "us" | "peer" | undefined;
  /** How many times keys were agreed on over it. */
  readonly keyNumber: number;
}

export type ChannelListener = (peerId: string, state: ChannelState) => void;

const DEADLINE_MS = 10_000;
/** Timers take no more. */
const DEADLINE_MS_MAX = 2 ** 31 - 1;

/** All channels of one process. One per process: it mounts its service and dials its peers. */
export class ChannelHub implements AsyncDisposable {
  /** To be mounted on the node-to-node interface, without TLS, with {@link CHANNEL_SERVER_LIMITS}. */
  readonly service: GrpcService;
  readonly #options: ChannelHubOptions;
  readonly #log: Logger;
  readonly #limits: ChannelLimits;
  readonly #clock: Clock;
  readonly #party: LocalParty;
  readonly #streams: Streams;
  readonly #peers = new Map<string, Peer>();
  readonly #handlers = new Map<string, RequestHandler>();
  readonly #listeners = new Set<ChannelListener>();
  #consensusHandler: ConsensusHandler | undefined;
  #cancelTick: () => void = () => undefined;
  #closed: Error | undefined;

  constructor(options: ChannelHubOptions) {
    this.#options = options;
    this.#log = options.log.child({ area: "channel" });
    this.#limits = { ...DEFAULT_CHANNEL_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#party = new LocalParty(options);
    this.#streams = new Streams({
      party: this.#party,
      limits: this.#limits,
      clock: this.#clock,
      log: this.#log,
      addressOf: (nodeId) => options.addressOf(nodeId),
      requireAllowed: (nodeId) => this.#requireAllowed(nodeId),
      peerOf: (nodeId) => this.#peer(nodeId),
      handlerOf: (kind) => this.#handlers.get(kind),
      onConsensus: (peer, header, entries) => this.#handleConsensus(peer, header, entries),
    });
    this.service = {
      definition: exchange.ExchangeServiceService,
      implementation: {
        exchange: duplex<exchange.ExchangeRequest, exchange.ExchangeResponse>(
          (requests, responses) =>
            this.#streams.accept(createTransport(requests, (message) => responses.write(message))),
        ),
      },
    };
    this.#tick();
  }

  /**
   * Asks a peer and resolves with its answer. An error of the peer's handler comes back as it was
   * thrown there. `CHANNEL_UNAVAILABLE`: nothing was sent; `CHANNEL_LOST` and
   * `CHANNEL_DEADLINE_EXCEEDED`: whether it took effect is unknown.
   */
  async request(
    peerId: string,
    kind: string,
    payload: Uint8Array,
    { deadlineMs = DEADLINE_MS, signal }: RequestOptions = {},
  ): Promise<Uint8Array> {
    signal?.throwIfAborted();
    this.#requireOther(peerId);
    if (payload.length > this.#limits.requestBytesMax) throw tooLarge(payload.length, this.#limits);
    const deadlineAt = this.#clock.now() + Math.min(deadlineMs, DEADLINE_MS_MAX);
    return new Promise((resolve, reject) => {
      this.#peer(peerId).request({ kind, payload, deadlineAt, signal, resolve, reject });
    });
  }

  /**
   * Sends a consensus message: the header is authenticated, the entries travel as they are. Resolves
   * when the transport has taken all of it, which waits for a slow peer. Messages to one peer arrive in
   * the order of the calls; when a channel is cut, those under way may be lost.
   */
  async send(peerId: string, header: Uint8Array, entries: Uint8Array): Promise<void> {
    this.#requireOther(peerId);
    return new Promise((resolve, reject) => {
      this.#peer(peerId).send({ header, entries, resolve, reject });
    });
  }

  /** Serves the requests of one kind. What the handler throws is told to the peer. */
  onRequest(kind: string, handler: RequestHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Takes consensus messages, one at a time from each peer. What the handler throws cuts the stream. */
  onConsensus(handler: ConsensusHandler): void {
    this.#consensusHandler = handler;
  }

  /** Hears of every change of a channel's state. Returns what ends that. */
  onChannel(listener: ChannelListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  states(): ChannelStatus[] {
    return [...this.#peers.values()].map(({ id, state, current }) => ({
      peerId: id,
      state,
      openedBy: current?.openedBy,
      keyNumber: current?.keyNumber ?? 0,
    }));
  }

  /** Cuts every channel whose peer is no longer trusted, or is blacklisted. */
  recheck(): void {
    for (const peer of this.#peers.values()) {
      const refusal = this.#refusal(peer.id);
      if (refusal === undefined) continue;
      if (peer.isDormant) this.#peers.delete(peer.id);
      else peer.cut(refusal);
    }
  }

  /** New key exchanges show this certificate; established channels go on. */
  updateCertificate(nodeCertificate: string): void {
    this.#party.updateCertificate(nodeCertificate);
  }

  /** New key exchanges require endorsement by this one. */
  updateServiceCertificate(serviceCertificate: string): void {
    this.#party.updateServiceCertificate(serviceCertificate);
  }

  async close(): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#closed = channelErrors("CHANNEL_CLOSED", "the node is shutting down");
    this.#cancelTick();
    const links = [...this.#peers.values()].flatMap((peer) => peer.links);
    for (const peer of this.#peers.values()) peer.close(this.#closed);
    await Promise.all(links.map((link) => link.closed));
    await this.#streams.close();
    this.#party.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #peer(peerId: string): Peer {
    let peer = this.#peers.get(peerId);
    if (peer === undefined) {
      peer = new Peer({
        peerId,
        clock: this.#clock,
        limits: this.#limits,
        log: this.#log,
        dial: (one) => this.#streams.dial(one),
        onState: (id, state) => this.#announce(id, state),
      });
      this.#peers.set(peerId, peer);
    }
    return peer;
  }

  async #handleConsensus(peer: Peer, header: Uint8Array, entries: Uint8Array): Promise<void> {
    await peer.inOrder(async () => {
      const handler = this.#consensusHandler;
      if (handler === undefined) {
        throw channelErrors("CHANNEL_KIND_UNKNOWN", "this node takes no consensus messages");
      }
      if (this.#refusal(peer.id) === undefined) await handler(peer.id, header, entries);
    });
  }

  #announce(peerId: string, state: ChannelState): void {
    this.#log.debug({ peer: peerId, state }, "channel state");
    for (const listener of this.#listeners) {
      try {
        listener(peerId, state);
      } catch (error) {
        this.#log.error({ err: error, peer: peerId }, "a channel listener failed");
      }
    }
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(this.#limits.tickMs, () => {
      this.recheck();
      for (const peer of this.#peers.values()) {
        for (const link of peer.links) link.tick();
      }
      this.#tick();
    });
  }

  #requireOther(peerId: string): void {
    if (peerId === this.#party.nodeId) {
      throw channelErrors("CHANNEL_WRONG_NODE", "a node has no channel to itself");
    }
    this.#requireAllowed(peerId);
  }

  #requireAllowed(peerId: string): void {
    const refusal = this.#closed ?? this.#refusal(peerId);
    if (refusal !== undefined) throw refusal;
  }

  #refusal(peerId: string): Error | undefined {
    const details = { node_id: peerId };
    try {
      if (this.#options.blacklisted?.(peerId) === true) {
        return channelErrors("NODE_BLACKLISTED", `node ${peerId} is blacklisted here`, { details });
      }
      if (this.#options.trust(peerId)) return undefined;
    } catch (error) {
      // Whoever cannot be asked for is not trusted.
      this.#log.error({ err: error, peer: peerId }, "cannot tell whether a node is trusted");
    }
    return channelErrors("NODE_NOT_TRUSTED", `node ${peerId} is not Trusted`, {
      details,
      hint: "members trust a node with `ccfctl propose node trust`",
    });
  }
}

/** Makes the hub of this process. */
export function createChannelHub(options: ChannelHubOptions): ChannelHub {
  return new ChannelHub(options);
}
