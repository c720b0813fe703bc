// SPDX-License-Identifier: Apache-2.0
import { AppError, type Logger } from "@consortium/kit";
import type { Clock } from "./clock.js";
import { ConsensusReceiver, ConsensusSender, type OutgoingConsensus } from "./consensus.js";
import { type ControlMessage, decodeControl, encodeControl } from "./control.js";
import { channelErrors } from "./errors.js";
import {
  CONTROL_AAD_BYTES,
  consensusAad,
  consensusAadBytes,
  controlAad,
  FORWARDED_AAD_BYTES,
  forwardedAad,
  frameBody,
  frameType,
  type FrameType,
  keyNumberOf,
  plainFrame,
  readConsensus,
  readSessionHeader,
} from "./frames.js";
import { type ChannelLimits, frameBytesMax, outboxBytesMax } from "./limits.js";
import { keyExchangeType } from "./key-exchange-messages.js";
import { handshakeTimeout, LinkWatch } from "./link-watch.js";
import { type Lane, Outbox } from "./outbox.js";
import { type OutgoingRequest, type RequestHandler, Requests } from "./requests.js";
import type { ChannelState, SecureSession } from "./session.js";
import type { Transport } from "./transport.js";
import { frameTooLarge } from "./wire.js";

export interface LinkOptions {
  readonly peerId: string;
  /** Who opened the stream; that side begins the first key exchange. */
  readonly openedBy: "us" | "peer";
  readonly session: SecureSession;
  readonly transport: Transport;
  readonly limits: ChannelLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly handlerOf: (kind: string) => RequestHandler | undefined;
  /** A consensus message begins to arrive over this link. */
  onConsensusBegun(link: Link): void;
  onConsensus(header: Uint8Array, entries: Uint8Array): void | Promise<void>;
  /** Before a first key exchange is answered; throws to refuse it. */
  beforeAnswer(): void;
  onState(link: Link): void;
}

/** The nonce of a ping whose pong is awaited. */
const PROBE = 1;

/** One stream to one peer with its keys: everything that is said over it goes through here. */
export class Link {
  readonly peerId: string;
  readonly openedBy: "us" | "peer";
  /** Resolves with the reason when the link has ended. */
  readonly closed: Promise<Error>;
  /** Resolves when the peer has proved itself; stays pending if it never does. */
  readonly established: Promise<undefined>;
  readonly #options: LinkOptions;
  readonly #session: SecureSession;
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  readonly #sender: ConsensusSender;
  readonly #receiver: ConsensusReceiver;
  readonly #watch: LinkWatch;
  #awaitedPong: (() => void) | undefined;
  #resolveClosed: (reason: Error) => void = () => undefined;
  #resolveEstablished: (_: undefined) => void = () => undefined;
  #closeReason: Error | undefined;
  #state: ChannelState = "INACTIVE";

  constructor(options: LinkOptions) {
    this.#options = options;
    this.peerId = options.peerId;
    this.openedBy = options.openedBy;
    this.#session = options.session;
    this.#watch = new LinkWatch(options.limits, () => options.clock.now());
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.established = new Promise((resolve) => (this.#resolveEstablished = resolve));
    this.#outbox = new Outbox({
      bytesMax: outboxBytesMax(options.limits),
      onFull: (reason) => this.close(reason),
      allowance: () => this.#session.allowance,
    });
    this.#requests = new Requests({
      ...options,
      onSilence: () => this.endIfSilent(),
      onUnexpected: (error, reference) =>
        options.log.error({ err: error, reference }, "a peer's request failed unexpectedly"),
      send: (header, plaintext, events) =>
        this.#outbox.push("forwarded", {
          bytes: FORWARDED_AAD_BYTES + plaintext.length,
          make: () => {
            const aad = forwardedAad(this.#session.keyNumber, header);
            return this.#session.seal(aad, plaintext);
          },
          ...events,
        }),
    });
    this.#sender = new ConsensusSender({
      peerId: options.peerId,
      limits: options.limits,
      push: (frame) => this.#outbox.push("consensus", frame),
      seal: (header, entriesBytes) =>
        this.#session.seal(consensusAad(this.#session.keyNumber, entriesBytes, header)),
    });
    this.#receiver = new ConsensusReceiver({
      limits: options.limits,
      handle: (header, entries) => options.onConsensus(header, entries),
      report: (bytes) => this.#control({ type: "consumed", bytes }),
      fail: (error) => this.close(asError(error)),
    });
  }

  get state(): ChannelState {
    return this.#closeReason === undefined ? this.#session.state : "INACTIVE";
  }

  get isEstablished(): boolean {
    return this.state === "ESTABLISHED";
  }

  /** How many times keys were agreed on. */
  get keyNumber(): number {
    return this.#session.keyNumber;
  }

  /** Whether whole consensus messages wait to be handled, which goes on after the link has ended. */
  get hasUnhandled(): boolean {
    return this.#receiver.hasUnhandled;
  }

  dropUnhandled(): void {
    this.#receiver.dropUnhandled();
  }

  /** Reads and writes until the stream ends or is closed; the streams' first frames are behind it. */
  async run(): Promise<Error> {
    const { clock, limits, transport } = this.#options;
    const cancelTimer = clock.after(limits.handshakeTimeoutMs, () => {
      if (!this.isEstablished) this.close(handshakeTimeout());
    });
    void this.established.then(cancelTimer);
    if (this.openedBy === "us") this.#initiate();
    const writing = this.#outbox.run((frames) => this.#write(transport, frames));
    writing.catch((error: unknown) => this.close(asError(error)));
    this.#read(transport).then(
      () => this.close(channelErrors("CHANNEL_CLOSED", "the peer closed the stream")),
      (error: unknown) => this.close(asError(error)),
    );
    const reason = await this.closed;
    cancelTimer();
    return reason;
  }

  request(request: OutgoingRequest): void {
    this.#requests.start(request);
  }

  send(message: OutgoingConsensus): void {
    this.#sender.start(message);
  }

  /** Ends the link unless the peer answers soon: the network may have lost it without a word. */
  endIfSilent(): void {
    if (this.#awaitedPong !== undefined || !this.isEstablished) return;
    const { clock, limits } = this.#options;
    this.#awaitedPong = clock.after(limits.probeTimeoutMs, () =>
      this.close(channelErrors("CHANNEL_PEER_STALLED", "the peer does not answer")),
    );
    this.#control({ type: "ping", nonce: PROBE });
  }

  /** What time brings: new keys, the end of an idle or stalled stream. */
  tick(): void {
    this.#renewIfDue();
    const reason = this.#watch.verdict({
      exchanging: this.#session.exchanging !== undefined,
      quiet: this.isEstablished && this.#outbox.isEmpty && this.#requests.open === 0,
      held: !this.#outbox.isEmpty && this.#session.allowance <= 0,
    });
    if (reason !== undefined) this.close(reason, { tell: true });
  }

  /** Ends the link. With `tell`, the peer learns why; without, it only sees the stream end. */
  close(reason: Error, { tell = false }: { tell?: boolean } = {}): void {
    if (this.#closeReason !== undefined) return;
    if (tell && this.isEstablished) this.#sayBye(reason);
    this.#closeReason = reason;
    this.#outbox.close(reason);
    this.#requests.close(reason);
    this.#receiver.close();
    this.#session.dispose();
    this.#stopAwaitingPong();
    this.#resolveClosed(reason);
    this.#announceState();
  }

  #initiate(): void {
    const wasEstablished = this.isEstablished;
    const message = this.#session.initiate();
    if (wasEstablished) this.#control({ type: "keyExchange", message });
    else this.#plain(message);
    this.#announceState();
  }

  async #write(transport: Transport, frames: Uint8Array[]): Promise<void> {
    this.#watch.writing();
    await transport.write(frames, () => this.#watch.writing());
    this.#watch.written();
    this.#renewIfDue();
  }

  async #read({ batches }: Transport): Promise<void> {
    for (;;) {
      const { value: frames, done } = await batches.next();
      if (done === true || this.#closeReason !== undefined) return;
      this.#watch.received();
      for (const frame of frames) {
        this.#receive(frame);
        if (this.#closeReason !== undefined) return;
      }
      this.#renewIfDue();
    }
  }

  #renewIfDue(): void {
    if (this.#closeReason === undefined && this.#session.renewalIsDue) this.#initiate();
  }

  #receive(frame: Uint8Array): void {
    if (frame.length > this.#options.transport.frameBytesMax) throw frameTooLarge(frame.length);
    const type = frameType(frame);
    if (!this.isEstablished) {
      this.#receiveUnproven(type, frame);
      return;
    }
    switch (type) {
      case "forwarded":
        this.#requests.receive(readSessionHeader(frame), this.#open(frame, FORWARDED_AAD_BYTES));
        return;
      case "control":
        this.#receiveControl(decodeControl(this.#open(frame, CONTROL_AAD_BYTES)));
        return;
      case "consensus": {
        this.#open(frame, consensusAadBytes(frame));
        const { header, entriesBytes } = readConsensus(frame);
        this.#options.onConsensusBegun(this);
        this.#receiver.begin(header, entriesBytes);
        return;
      }
      case "entries":
        this.#receiver.piece(frameBody(frame));
        return;
      case "keyExchange":
      case "open":
        // Renewals come encrypted: what comes in the clear now is not the peer's.
        throw unexpected(type, "the channel is established");
    }
  }

  #receiveUnproven(type: FrameType, frame: Uint8Array): void {
    if (type !== "keyExchange") throw unexpected(type, "the channel is not established");
    const message = frameBody(frame);
    const isInit = keyExchangeType(message) === "init";
    if (isInit && this.openedBy === "us") {
      throw unexpected(type, "the side that opened a stream begins the key exchange");
    }
    if (isInit) this.#options.beforeAnswer();
    const reply = this.#session.receiveKeyExchange(message);
    if (reply !== undefined) this.#plain(reply.message);
    this.#announceState();
  }

  #receiveControl(control: ControlMessage): void {
    switch (control.type) {
      case "keyExchange":
        this.#renew(control.message);
        return;
      case "consumed":
        this.#sender.consumed(control.bytes);
        this.#outbox.wake();
        return;
      case "ping":
        this.#control({ type: "pong", nonce: control.nonce });
        return;
      case "pong":
        if (control.nonce === PROBE) this.#stopAwaitingPong();
        return;
      case "bye":
        this.close(
          channelErrors("CHANNEL_CLOSED", `the peer closed the channel: ${control.reason}`, {
            details: { peer_code: control.code },
          }),
        );
    }
  }

  #renew(message: Uint8Array): void {
    const reply = this.#session.receiveKeyExchange(message);
    // What was held back for new keys may go.
    this.#outbox.wake();
    if (reply === undefined) return;
    this.#outbox.push("control", {
      bytes: reply.message.length,
      make: () => {
        const frame = this.#sealControl({ type: "keyExchange", message: reply.message });
        reply.sent();
        return frame;
      },
    });
    // The pong comes under the new key, so the old one is not kept for long.
    if (this.#session.exchanging === undefined) this.#control({ type: "ping", nonce: 0 });
  }

  #stopAwaitingPong(): void {
    this.#awaitedPong?.();
    this.#awaitedPong = undefined;
  }

  #open(frame: Uint8Array, aadBytes: number): Uint8Array {
    return this.#session.open(frame, aadBytes, keyNumberOf(frame));
  }

  #plain(message: Uint8Array): void {
    const frame = plainFrame("keyExchange", message);
    this.#push("control", frame.length, () => frame);
  }

  #control(control: ControlMessage): void {
    this.#push("control", 64, () => this.#sealControl(control));
  }

  #sealControl(control: ControlMessage): Uint8Array {
    return this.#session.seal(controlAad(this.#session.keyNumber), encodeControl(control));
  }

  #push(lane: Lane, bytes: number, make: () => Uint8Array): void {
    this.#outbox.push(lane, { bytes, make });
  }

  #sayBye(reason: Error): void {
    const code = reason instanceof AppError ? reason.code : "INTERNAL";
    try {
      const frame = this.#sealControl({ type: "bye", code, reason: reason.message });
      this.#options.transport.write([frame]).catch(() => undefined);
    } catch {
      // The keys are used up: the peer sees the stream end.
    }
  }

  #announceState(): void {
    if (this.#state === this.state) return;
    this.#state = this.state;
    if (this.isEstablished) {
      const { transport, limits } = this.#options;
      transport.frameBytesMax = frameBytesMax(limits);
      this.#resolveEstablished(undefined);
    }
    this.#options.onState(this);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function unexpected(type: FrameType, why: string): Error {
  return channelErrors("CHANNEL_UNEXPECTED_FRAME", `a frame of type ${type} is refused: ${why}`);
}
