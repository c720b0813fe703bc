// SPDX-License-Identifier: Apache-2.0
import { isAppError, type Logger } from "@consortium/kit";
import type { Clock } from "./clock.js";
import type { OutgoingConsensus } from "./consensus.js";
import { channelErrors } from "./errors.js";
import type { ChannelLimits } from "./limits.js";
import type { Link } from "./link.js";
import { type OutgoingRequest, unavailable } from "./requests.js";
import { ReplayMemory } from "./replay-memory.js";
import type { ChannelState, ExchangeHistory } from "./session.js";
import { WaitingRoom } from "./waiting.js";

export interface PeerOptions {
  readonly peerId: string;
  readonly clock: Clock;
  readonly limits: ChannelLimits;
  readonly log: Logger;
  /** Opens a stream and has the link run; resolves once it is established, rejects with why not. */
  dial(peer: Peer): Promise<void>;
  onState(peerId: string, state: ChannelState): void;
}

/**
 * One other node: the streams to it, and what waits for one.
 *
 * Two streams live side by side only when both nodes opened one at once. Each side then sends over the
 * one it already uses and receives over both; a stream that no longer answers gives way.
 */
export class Peer {
  readonly id: string;
  readonly history: ExchangeHistory = {
    lastInitiatedAt: Number.NEGATIVE_INFINITY,
    answered: new ReplayMemory(),
  };
  readonly #options: PeerOptions;
  readonly #waiting: WaitingRoom;
  /** All links, established or not, oldest first. */
  readonly #links = new Set<Link>();
  #current: Link | undefined;
  #consensusFrom: Link | undefined;
  #consensus: Promise<unknown> = Promise.resolve();
  /** Ended with messages still to be handled. */
  #leftover: Link | undefined;
  #connecting = false;
  #failures = 0;
  #retryAt = 0;
  #state: ChannelState = "INACTIVE";
  #wake: () => void = () => undefined;
  #closed: Error | undefined;

  constructor(options: PeerOptions) {
    this.id = options.peerId;
    this.#options = options;
    this.#waiting = new WaitingRoom(options.peerId, options.clock, options.limits);
  }

  get state(): ChannelState {
    return this.#state;
  }

  get current(): Link | undefined {
    return this.#current;
  }

  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** Nothing is under way with it: it can be forgotten. */
  get isDormant(): boolean {
    return this.#links.size === 0 && this.#waiting.isEmpty && !this.#connecting;
  }

  request(request: OutgoingRequest): void {
    (this.#current ?? this.#waiting).request(request);
    this.#connect();
  }

  send(message: OutgoingConsensus): void {
    (this.#current ?? this.#waiting).send(message);
    this.#connect();
  }

  /** A stream exists, in whatever state. */
  add(link: Link): void {
    this.#links.add(link);
    void link.closed.then((reason) => this.#ended(link, reason));
  }

  /** A link of this peer has come to another state. */
  changed(link: Link): void {
    if (link.isEstablished && link !== this.#current) this.#established(link);
    this.#announceState();
  }

  /** Whether this node's own key exchange has begun over another stream. */
  get isInitiating(): boolean {
    return [...this.#links].some((link) => link.state === "INITIATED");
  }

  /**
   * The peer sends ordered messages over one link at a time. When they come over another one, the
   * earlier link is dead at the peer's end; what it may still hold would come out of order.
   */
  consensusBegun(link: Link): void {
    const before = this.#consensusFrom;
    this.#consensusFrom = link;
    if (before !== undefined && before !== link) {
      before.close(channelErrors("CHANNEL_CLOSED", "the peer sends over another stream now"));
    }
  }

  /** Handles one message after the other, over whichever stream they came. */
  inOrder(handle: () => void | Promise<void>): Promise<void> {
    const result = this.#consensus.then(handle);
    this.#consensus = result.catch(() => undefined);
    return result;
  }

  close(reason: Error): void {
    this.cut(reason);
    this.#closed = reason;
    this.#wake();
  }

  /** Ends all links and refuses what waits; later messages begin anew. */
  cut(reason: Error): void {
    for (const link of this.#links) link.close(reason, { tell: true });
    this.#leftover?.dropUnhandled();
    this.#waiting.fail(reason);
  }

  #established(link: Link): void {
    const before = this.#current;
    this.#failures = 0;
    this.#retryAt = 0;
    for (const older of this.#links) {
      if (older === link || older.openedBy !== link.openedBy || !older.isEstablished) continue;
      // Whoever opened both has given up the older one.
      older.close(channelErrors("CHANNEL_CLOSED", "a newer stream takes its place"), {
        tell: true,
      });
    }
    if (before === undefined || before.openedBy === link.openedBy) this.#use(link);
    // Both nodes opened a stream: either at once, or the peer has lost the older one unseen by us.
    else before.endIfSilent();
    this.#wake();
  }

  #use(link: Link | undefined): void {
    this.#current = link;
    if (link !== undefined) this.#waiting.release(link);
  }

  #ended(link: Link, reason: Error): void {
    this.#links.delete(link);
    if (this.#consensusFrom === link) this.#consensusFrom = undefined;
    if (link.hasUnhandled) {
      // One stream's worth at most: a handler that hangs must not gather those of many streams.
      this.#leftover?.dropUnhandled();
      this.#leftover = link;
    }
    if (this.#current === link) {
      this.#use([...this.#links].findLast((other) => other.isEstablished));
      this.#options.log.info(
        { peer: this.id, reason: isAppError(reason) ? reason.code : reason.message },
        "the channel has ended",
      );
    }
    this.#announceState();
  }

  #connect(): void {
    if (this.#connecting || this.#waiting.isEmpty || this.#closed !== undefined) return;
    this.#connecting = true;
    void this.#connectUntilEmpty().finally(() => {
      this.#connecting = false;
      this.#connect();
    });
  }

  async #connectUntilEmpty(): Promise<void> {
    while (!this.#waiting.isEmpty && this.#current === undefined && this.#closed === undefined) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        await this.#pause(waitMs);
        continue;
      }
      try {
        await this.#options.dial(this);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  #waitMs(): number {
    const { clock, limits } = this.#options;
    return (
      Math.max(this.#retryAt, this.history.lastInitiatedAt + limits.initiationGapMs) - clock.now()
    );
  }

  #failed(error: unknown): void {
    const { clock, limits, log } = this.#options;
    const backoffMs = Math.min(limits.backoffMs * 2 ** this.#failures, limits.backoffMaxMs);
    // Jitter, so that two nodes that fail together do not meet again and again.
    this.#retryAt = clock.now() + backoffMs * (0.75 + Math.random() / 2);
    this.#failures = Math.min(this.#failures + 1, 30);
    // The peer's own key exchange goes on and will carry what waits.
    if (isAppError(error, "CHANNEL_SIMULTANEOUS")) return;
    log.debug({ err: error, peer: this.id }, "no channel to the peer");
    if (this.#current === undefined) this.#waiting.fail(unavailable(this.id, error));
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  #announceState(): void {
    const states = [...this.#links].map((link) => link.state);
    const state =
      (["ESTABLISHED", "WAITING_FOR_FINAL", "INITIATED"] as const).find((one) =>
        states.includes(one),
      ) ?? "INACTIVE";
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(this.id, state);
  }
}
