// SPDX-License-Identifier: Apache-2.0
import { type EcdhKeyPair, hkdfSha256, type VerifyingKey } from "@consortium/crypto-wasm";
import { channelErrors } from "./errors.js";
import {
  encodeKeyExchange,
  type FinalMessage,
  type InitMessage,
  type ResponseMessage,
  SALT_BYTES,
} from "./key-exchange-messages.js";
import { signedBytes, type Transcript } from "./transcript.js";
import { concat, sameBytes, utf8 } from "./wire.js";

/** This node, as the key exchange sees it: no clock, no randomness and no I/O of its own. */
export interface Party {
  readonly nodeId: string;
  /** PEM of the certificate that the service endorsed. */
  readonly certificate: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  /** The peer's key; throws when the certificate is not the peer's or not endorsed. */
  verifyCertificate(certificate: Uint8Array, peerId: string): VerifyingKey;
  randomBytes(length: number): Uint8Array;
  newShare(): EcdhKeyPair;
}

/** One key for each direction. */
export interface DirectionKeys {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
}

const KEY_BYTES = 32;

/** The initiator's side: init, then final. */
export class Initiation {
  readonly message: Uint8Array;
  readonly #party: Party;
  readonly #peerId: string;
  readonly #share: EcdhKeyPair;
  readonly #transcript: Transcript;

  constructor(party: Party, peerId: string) {
    this.#party = party;
    this.#peerId = peerId;
    this.#share = party.newShare();
    this.#transcript = {
      initiatorId: party.nodeId,
      responderId: peerId,
      salt: party.randomBytes(SALT_BYTES),
      initiatorShare: this.#share.publicPoint(),
      initiatorCertificate: party.certificate,
    };
    const { salt, initiatorShare: share, initiatorCertificate: certificate } = this.#transcript;
    const signature = party.sign(signedBytes("init", this.#transcript));
    this.message = encodeKeyExchange({ type: "init", share, signature, certificate, salt });
  }

  /** Whether a key share is this node's own, sent back by someone. */
  isOwn(share: Uint8Array): boolean {
    return sameBytes(share, this.#transcript.initiatorShare);
  }

  /** The keys, which the responder has too, and the message that tells it so. */
  complete(response: ResponseMessage): { final: Uint8Array; keys: DirectionKeys } {
    if (this.isOwn(response.share)) throw reflected();
    const transcript = {
      ...this.#transcript,
      responderShare: response.share,
      responderCertificate: response.certificate,
    };
    using key = this.#party.verifyCertificate(response.certificate, this.#peerId);
    requireSignature(key, signedBytes("response", transcript), response.signature);
    const secret = agree(this.#share, response.share);
    const signature = this.#party.sign(signedBytes("final", transcript));
    return {
      final: encodeKeyExchange({ type: "final", signature }),
      keys: deriveKeys(secret, transcript.salt, this.#party.nodeId, this.#peerId),
    };
  }

  /** Wipes the share; the exchange is over, however it ended. */
  dispose(): void {
    this.#share.dispose();
  }
}

/** The responder's side: response, then nothing more. */
export class Answer {
  readonly message: Uint8Array;
  readonly #peerKey: VerifyingKey;
  readonly #transcript: Transcript;
  readonly #keys: DirectionKeys;

  /** Throws before any costly step when it is not the peer's init. */
  constructor(party: Party, peerId: string, init: InitMessage) {
    const begun = {
      initiatorId: peerId,
      responderId: party.nodeId,
      salt: Uint8Array.from(init.salt),
      initiatorShare: Uint8Array.from(init.share),
      initiatorCertificate: Uint8Array.from(init.certificate),
    };
    this.#peerKey = party.verifyCertificate(init.certificate, peerId);
    using own = party.newShare();
    try {
      requireSignature(this.#peerKey, signedBytes("init", begun), init.signature);
      this.#keys = deriveKeys(agree(own, init.share), begun.salt, party.nodeId, peerId);
    } catch (error) {
      this.#peerKey.dispose();
      throw error;
    }
    const share = own.publicPoint();
    const { certificate } = party;
    this.#transcript = { ...begun, responderShare: share, responderCertificate: certificate };
    const signature = party.sign(signedBytes("response", this.#transcript));
    this.message = encodeKeyExchange({ type: "response", share, signature, certificate });
  }

  /** The keys: the initiator has proved that it is alive and who it is. */
  confirm(final: FinalMessage): DirectionKeys {
    requireSignature(this.#peerKey, signedBytes("final", this.#transcript), final.signature);
    return { send: this.#keys.send.slice(), receive: this.#keys.receive.slice() };
  }

  /** Wipes the keys that it keeps. */
  dispose(): void {
    this.#peerKey.dispose();
    this.#keys.send.fill(0);
    this.#keys.receive.fill(0);
  }
}

/** HKDF-SHA-256 with `sender id ‖ receiver id` as info: a message cannot be sent back to its sender. */
function deriveKeys(
  secret: Uint8Array,
  salt: Uint8Array,
  ownId: string,
  peerId: string,
): DirectionKeys {
  const key = (sender: string, receiver: string): Uint8Array =>
    hkdfSha256(secret, salt, concat(utf8(sender), utf8(receiver)), KEY_BYTES);
  const keys = { send: key(ownId, peerId), receive: key(peerId, ownId) };
  secret.fill(0);
  return keys;
}

function agree(own: EcdhKeyPair, peerShare: Uint8Array): Uint8Array {
  try {
    return own.sharedSecret(peerShare);
  } catch (cause) {
    throw channelErrors(
      "CHANNEL_AUTHENTICATION_FAILED",
      "the peer's key share is not on the curve",
      {
        cause,
      },
    );
  }
}

export function reflected(): Error {
  return channelErrors(
    "CHANNEL_AUTHENTICATION_FAILED",
    "the peer sent this node's own key share back",
  );
}

function requireSignature(key: VerifyingKey, message: Uint8Array, signature: Uint8Array): void {
  if (key.verify(message, signature)) return;
  throw channelErrors(
    "CHANNEL_AUTHENTICATION_FAILED",
    "the signature of a key exchange message does not verify",
    { hint: "something between the nodes changes or repeats messages" },
  );
}
