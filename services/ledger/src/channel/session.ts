// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";
import { Answer, type DirectionKeys, Initiation, type Party, reflected } from "./key-exchange.js";
import { decodeKeyExchange, type KeyExchangeMessage } from "./key-exchange-messages.js";
import type { ChannelLimits } from "./limits.js";
import { ReceiveKey, SendKey } from "./message-keys.js";
import type { ReplayMemory } from "./replay-memory.js";

export type ChannelState = "INACTIVE" | "INITIATED" | "WAITING_FOR_FINAL" | "ESTABLISHED";

/** What is known of the key exchanges with one peer, over whichever stream. */
export interface ExchangeHistory {
  /** When this node last began one. */
  lastInitiatedAt: number;
  /** What the peer began. */
  readonly answered: ReplayMemory;
}

export interface SessionOptions {
  readonly party: Party;
  readonly peerId: string;
  readonly limits: Pick<ChannelLimits, "messagesPerKeyMax" | "rekeyAfterMs" | "initiationGapMs">;
  readonly history: ExchangeHistory;
  readonly now: () => number;
}

/**
 * A message to send, made at the moment it is written: what was written before it still goes under
 * the key of then.
 */
export interface Reply {
  readonly message: Uint8Array;
  /** Call it right after the message is written. */
  sent(): void;
}

/**
 * Parts of the message limit that one direction may use. Both together stay below all of it, and
 * renewal begins while there is room for what comes meanwhile.
 */
const RENEW_AT = 3 / 8;
const HOLD_AT = 7 / 16;

const NOTHING_TO_DO = (): void => undefined;

/**
 * The keys between two nodes over one stream, and how they come about and are renewed. Pure: it is
 * handed messages and the time, and hands back messages.
 *
 * Keys are numbered from 1. Sending under a new key begins with the final (initiator) or on its
 * arrival (responder); a new receive key is installed only when the peer is known to have the secret.
 */
export class SecureSession {
  readonly #options: SessionOptions;
  #round: Initiation | Answer | undefined;
  #send: { number: number; key: SendKey } | undefined;
  #receive: { number: number; key: ReceiveKey } | undefined;
  /** As initiator: the peer changes over when it has the final, we see it by the number. */
  #nextReceive: ReceiveKey | undefined;
  #keyedAt = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Of the first key exchange; renewing keys does not end ESTABLISHED. */
  get state(): ChannelState {
    if (this.#send !== undefined) return "ESTABLISHED";
    return this.exchanging ?? "INACTIVE";
  }

  /** Of the key exchange that is under way, the first one or a renewal. */
  get exchanging(): "INITIATED" | "WAITING_FOR_FINAL" | undefined {
    if (this.#round === undefined) return undefined;
    return this.#round instanceof Initiation ? "INITIATED" : "WAITING_FOR_FINAL";
  }

  /** The number of the key this node sends under; 0 before there is one. */
  get keyNumber(): number {
    return this.#send?.number ?? 0;
  }

  /** Messages under the present keys, both directions together. */
  get messageCount(): number {
    return (this.#send?.key.count ?? 0) + (this.#receive?.key.count ?? 0);
  }

  /** How long this node must wait before it may begin a key exchange. */
  initiationWaitMs(): number {
    const { history, limits, now } = this.#options;
    return Math.max(0, history.lastInitiatedAt + limits.initiationGapMs - now());
  }

  /** Whether the keys are to be renewed now: half used, or old. */
  get renewalIsDue(): boolean {
    if (this.#send === undefined || this.#round !== undefined) return false;
    // The last renewal is not over before the peer has shown its new key.
    if (this.#nextReceive !== undefined) return false;
    const { limits, now } = this.#options;
    const due =
      this.messageCount >= limits.messagesPerKeyMax / 2 ||
      this.#send.key.count >= limits.messagesPerKeyMax * RENEW_AT ||
      now() - this.#keyedAt >= limits.rekeyAfterMs;
    return due && this.initiationWaitMs() === 0;
  }

  /**
   * How many more messages may be sent before renewal, those of the key exchange itself apart. Both
   * sides keep to it, so the limit is not reached however long renewal takes.
   */
  get allowance(): number {
    const { messagesPerKeyMax } = this.#options.limits;
    return Math.floor(messagesPerKeyMax * HOLD_AT) - (this.#send?.key.count ?? 0);
  }

  /** Begins a key exchange: the first one or a renewal. */
  initiate(): Uint8Array {
    if (this.#round !== undefined) throw unexpected("a key exchange is under way already");
    const { party, peerId, history, now } = this.#options;
    history.lastInitiatedAt = now();
    this.#round = new Initiation(party, peerId);
    return this.#round.message;
  }

  /** Takes a key exchange message of the peer; throws when it must not be answered. */
  receiveKeyExchange(bytes: Uint8Array): Reply | undefined {
    const message = decodeKeyExchange(bytes);
    switch (message.type) {
      case "init":
        return this.#receiveInit(message);
      case "response":
        return this.#receiveResponse(message);
      case "final":
        this.#receiveFinal(message);
        return undefined;
    }
  }

  /** `AAD ‖ tag ‖ IV ‖ ciphertext`; the additional data begin with what {@link keyNumber} is now. */
  seal(aad: Uint8Array, plaintext?: Uint8Array): Uint8Array {
    if (this.#send === undefined) throw unexpected("there are no keys yet");
    this.#requireUnexhausted();
    return this.#send.key.seal(aad, plaintext);
  }

  open(frame: Uint8Array, aadBytes: number, keyNumber: number): Uint8Array {
    if (this.#receive === undefined) throw unexpected("a protected frame came before the keys");
    this.#requireUnexhausted();
    const { number } = this.#receive;
    if (keyNumber === number + 1 && this.#nextReceive !== undefined) {
      // The old key stays until a message has proved that the peer really changed over.
      const plaintext = this.#nextReceive.open(frame, aadBytes);
      this.#receive.key.dispose();
      this.#receive = { number: keyNumber, key: this.#nextReceive };
      this.#nextReceive = undefined;
      return plaintext;
    }
    if (keyNumber !== number) {
      throw channelErrors(
        "CHANNEL_FRAME_FORGED",
        `a protected frame is refused: it names key ${keyNumber}, the present one is ${number}`,
      );
    }
    return this.#receive.key.open(frame, aadBytes);
  }

  /** Wipes all keys. */
  dispose(): void {
    this.#endRound();
    this.#send?.key.dispose();
    this.#receive?.key.dispose();
    this.#nextReceive?.dispose();
    this.#send = this.#receive = this.#nextReceive = undefined;
  }

  #receiveInit(message: KeyExchangeMessage & { type: "init" }): Reply | undefined {
    const { party, peerId } = this.#options;
    if (this.#round instanceof Answer) throw unexpected("a second init came before the final");
    if (this.#round instanceof Initiation && this.#round.isOwn(message.share)) throw reflected();
    // Both began at once: the lower node id keeps its initiation, the other one's is ignored.
    if (this.#round instanceof Initiation && party.nodeId < peerId) return undefined;
    const { answered } = this.#options.history;
    if (answered.has(message.share, message.salt)) throw repeated();
    const answer = new Answer(party, peerId, message);
    answered.add(message.share, message.salt);
    this.#endRound();
    this.#round = answer;
    return { message: answer.message, sent: NOTHING_TO_DO };
  }

  #receiveResponse(message: KeyExchangeMessage & { type: "response" }): Reply {
    if (!(this.#round instanceof Initiation)) throw unexpected("a response came without an init");
    // One staged change at a time: the peer has not shown yet that it uses the last keys.
    if (this.#nextReceive !== undefined) throw unexpected("the last keys are not in use yet");
    const { final, keys } = this.#round.complete(message);
    this.#endRound();
    const receive = new ReceiveKey(keys.receive);
    if (this.#receive === undefined) {
      // Nothing was protected before the final, so nothing of the past can be in its way.
      this.#receive = { number: 1, key: receive };
      this.#sendUnder(keys.send);
      return { message: final, sent: NOTHING_TO_DO };
    }
    this.#nextReceive = receive;
    return { message: final, sent: () => this.#sendUnder(keys.send) };
  }

  #receiveFinal(message: KeyExchangeMessage & { type: "final" }): void {
    if (!(this.#round instanceof Answer)) throw unexpected("a final came without a response");
    const keys: DirectionKeys = this.#round.confirm(message);
    this.#endRound();
    // The initiator sends under the new key from its final on, and frames come in order.
    const number = (this.#receive?.number ?? 0) + 1;
    this.#receive?.key.dispose();
    this.#receive = { number, key: new ReceiveKey(keys.receive) };
    this.#sendUnder(keys.send);
  }

  #sendUnder(key: Uint8Array): void {
    const number = this.keyNumber + 1;
    this.#send?.key.dispose();
    this.#send = { number, key: new SendKey(key) };
    this.#keyedAt = this.#options.now();
  }

  #requireUnexhausted(): void {
    if (this.messageCount < this.#options.limits.messagesPerKeyMax) return;
    throw channelErrors(
      "CHANNEL_KEYS_EXHAUSTED",
      "the message limit of the channel's keys is reached",
      {
        hint: "the channel is established anew by itself",
      },
    );
  }

  #endRound(): void {
    this.#round?.dispose();
    this.#round = undefined;
  }
}

function unexpected(reason: string): Error {
  return channelErrors("CHANNEL_UNEXPECTED_FRAME", `a key exchange message is refused: ${reason}`);
}

function repeated(): Error {
  return channelErrors(
    "CHANNEL_AUTHENTICATION_FAILED",
    "a key exchange message is refused: it was answered before",
    { hint: "something between the nodes repeats messages" },
  );
}
