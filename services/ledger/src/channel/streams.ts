// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@consortium/kit";
import type { Clock } from "./clock.js";
import { channelErrors } from "./errors.js";
import type { Party } from "./key-exchange.js";
import type { ChannelLimits } from "./limits.js";
import { handshakeTimeout } from "./link-watch.js";
import { Link } from "./link.js";
import type { Peer } from "./peer.js";
import type { RequestHandler } from "./requests.js";
import { SecureSession } from "./session.js";
import { dial, type DialledTransport, readOpen, type Transport, writeOpen } from "./transport.js";
import { UnprovenStreams } from "./unproven.js";
import { WarningThrottle } from "./warnings.js";

export interface StreamsOptions {
  readonly party: Party;
  readonly limits: ChannelLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly addressOf: (nodeId: string) => string | undefined;
  /** Throws unless channels to the node are allowed. */
  readonly requireAllowed: (nodeId: string) => void;
  readonly peerOf: (nodeId: string) => Peer;
  readonly handlerOf: (kind: string) => RequestHandler | undefined;
  readonly onConsensus: (peer: Peer, header: Uint8Array, entries: Uint8Array) => Promise<void>;
}

/** How streams between nodes come about, from either side, and become links. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #unproven: UnprovenStreams;
  readonly #opening = new Set<{ cancel(): void }>();
  readonly #ending = new Set<Promise<void>>();
  readonly #warnings: WarningThrottle;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#unproven = new UnprovenStreams(options.clock, options.limits);
    this.#warnings = new WarningThrottle(options.log, options.clock);
  }

  /** Opens a stream to a peer. Resolves when its channel is established, rejects with why it is not. */
  async dial(peer: Peer): Promise<void> {
    const address = this.#options.addressOf(peer.id);
    if (address === undefined) {
      throw channelErrors("CHANNEL_UNAVAILABLE", `the address of node ${peer.id} is not known`);
    }
    const transport = dial(address);
    this.#opening.add(transport);
    let link: Link;
    try {
      await this.#open(peer, transport);
      // The peer's own stream was faster.
      if (peer.current !== undefined) return await transport.end();
      link = this.#link(peer, "us", transport);
    } catch (error) {
      transport.cancel();
      throw error;
    } finally {
      this.#opening.delete(transport);
    }
    const ended = link.run();
    this.#endAfter(ended, transport);
    void ended.then((error) => this.#warnings.consider(error));
    const reason = await Promise.race([link.established, ended]);
    if (reason !== undefined) throw reason;
  }

  /** Serves a stream that a peer opened, until it ends; rejects with the reason to tell the peer. */
  async accept(transport: Transport): Promise<void> {
    const { signal, leave } = this.#unproven.admit();
    try {
      const evicted = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
      );
      const peer = await Promise.race([this.#answerOpen(transport), evicted]);
      const link = this.#link(peer, "peer", transport);
      evicted.catch((reason: Error) => link.close(reason));
      void link.established.then(leave);
      const reason = await link.run();
      if (!isEnd(reason)) throw reason;
    } catch (error) {
      this.#warnings.consider(error);
      throw error;
    } finally {
      leave();
    }
  }

  /** No more streams; resolves when the last words of those that were open are out. */
  async close(): Promise<void> {
    this.#unproven.close();
    for (const transport of this.#opening) transport.cancel();
    await Promise.all(this.#ending);
  }

  #endAfter(ended: Promise<Error>, transport: DialledTransport): void {
    const ending = ended.then(() => transport.end());
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  async #open(peer: Peer, transport: Transport & { cancel(): void }): Promise<void> {
    const { party, clock, limits } = this.#options;
    let isLate = false;
    const cancelTimer = clock.after(limits.handshakeTimeoutMs, () => {
      isLate = true;
      transport.cancel();
    });
    try {
      await writeOpen(transport, { sender: party.nodeId, receiver: peer.id });
      const answer = await readOpen(transport);
      if (answer.sender !== peer.id || answer.receiver !== party.nodeId) {
        throw wrongNode(answer.sender);
      }
    } catch (error) {
      throw isLate ? handshakeTimeout() : error;
    } finally {
      cancelTimer();
    }
  }

  async #answerOpen(transport: Transport): Promise<Peer> {
    const { party, requireAllowed, peerOf } = this.#options;
    const { sender, receiver } = await readOpen(transport);
    if (receiver !== party.nodeId || sender === party.nodeId) throw wrongNode(party.nodeId);
    requireAllowed(sender);
    await writeOpen(transport, { sender: party.nodeId, receiver: sender });
    return peerOf(sender);
  }

  #link(peer: Peer, openedBy: "us" | "peer", transport: Transport): Link {
    const { party, limits, clock, requireAllowed } = this.#options;
    // Asked again: the peer's state may have changed while its first frame was answered.
    requireAllowed(peer.id);
    const link = new Link({
      ...this.#options,
      peerId: peer.id,
      openedBy,
      transport,
      session: new SecureSession({
        party,
        peerId: peer.id,
        limits,
        history: peer.history,
        now: () => clock.now(),
      }),
      onConsensusBegun: (one) => peer.consensusBegun(one),
      onConsensus: (header, entries) => this.#options.onConsensus(peer, header, entries),
      beforeAnswer: () => this.#refuseSimultaneous(peer),
      onState: (one) => peer.changed(one),
    });
    peer.add(link);
    return link;
  }

  /** The lower node id keeps its initiation. */
  #refuseSimultaneous(peer: Peer): void {
    if (this.#options.party.nodeId > peer.id || !peer.isInitiating) return;
    throw channelErrors("CHANNEL_SIMULTANEOUS", "both nodes began; the lower node id goes on");
  }
}

function wrongNode(actual: string): Error {
  return channelErrors(
    "CHANNEL_WRONG_NODE",
    `the stream reached node ${actual}, which it is not for`,
    {
      hint: "check the node-to-node addresses of both nodes",
      details: { node_id: actual },
    },
  );
}

/** The end of a stream that is nobody's fault. */
function isEnd(reason: Error): boolean {
  return "code" in reason && reason.code === "CHANNEL_CLOSED";
}
