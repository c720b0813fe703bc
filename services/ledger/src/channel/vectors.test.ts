// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createDecipheriv, createECDH, createHash, hkdfSync, verify } from "node:crypto";
import { describe, it } from "node:test";
import { EcdhKeyPair } from "@consortium/crypto-wasm";
import { encodeControl } from "./control.js";
import { consensusAad, controlAad, encodeOpen, forwardedAad } from "./frames.js";
import type { Party } from "./key-exchange.js";
import { DEFAULT_CHANNEL_LIMITS } from "./limits.js";
import { LocalParty } from "./party.js";
import { encodeRequest } from "./request-message.js";
import { SecureSession } from "./session.js";
import { newHistory } from "./testing/sessions.js";
import { VECTORS } from "./testing/vectors.js";
import { utf8 } from "./wire.js";

const { initiator, responder, messages, frames } = VECTORS;

/** A node whose randomness is one byte over and over. */
function fixedParty(node: typeof initiator | typeof responder): Party {
  const party = new LocalParty({
    identity: node,
    nodeCertificate: node.certificate,
    serviceCertificate: VECTORS.serviceCertificate,
  });
  return {
    nodeId: party.nodeId,
    certificate: party.certificate,
    sign: (message) => party.sign(message),
    verifyCertificate: (certificate, peerId) => party.verifyCertificate(certificate, peerId),
    randomBytes: (length) => new Uint8Array(length).fill(node.fill),
    newShare: () => EcdhKeyPair.fromScalar(new Uint8Array(48).fill(node.fill)),
  };
}

function session(own: typeof initiator | typeof responder, peerId: string): SecureSession {
  return new SecureSession({
    party: fixedParty(own),
    peerId,
    limits: DEFAULT_CHANNEL_LIMITS,
    history: newHistory(),
    now: () => 0,
  });
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static of(hexText: string): Reader {
    return new Reader(Buffer.from(hexText, "hex"));
  }

  u64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigUInt64LE(this.#at - 8);
  }

  buffer(): Buffer {
    const length = Number(this.u64());
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  end(): void {
    assert.equal(this.#at, this.#bytes.length);
  }
}

describe("with fixed randomness", () => {
  it("every message and frame is, byte for byte, the recorded one", () => {
    const [a, b] = [session(initiator, responder.nodeId), session(responder, initiator.nodeId)];
    assert.equal(
      hex(encodeOpen({ sender: initiator.nodeId, receiver: responder.nodeId })),
      messages.open,
    );
    const init = a.initiate();
    assert.equal(hex(init), messages.init);
    const response = b.receiveKeyExchange(init)?.message;
    assert.equal(hex(response), messages.response);
    const final = a.receiveKeyExchange(response ?? init)?.message;
    assert.equal(hex(final), messages.final);
    b.receiveKeyExchange(final ?? init);
    const request = encodeRequest("submit", utf8("payload"));
    const recorded = [
      a.seal(forwardedAad(1, { step: "request", id: 1 }), request),
      a.seal(consensusAad(1, 5, utf8("header"))),
      a.seal(controlAad(1), encodeControl({ type: "ping", nonce: 7 })),
    ];
    assert.deepEqual(recorded.map(hex), [frames.request, frames.consensus, frames.ping]);
    assert.equal(hex(b.open(recorded[0] ?? init, 25, 1)), hex(request));
  });
});

/** The layout, read with nothing of ours: only Node's own cryptography and offsets. */
describe("an independent reader", () => {
  const init = Reader.of(messages.init);
  const response = Reader.of(messages.response);
  const final = Reader.of(messages.final);
  assert.equal(init.u64(), 0n);
  assert.equal(init.u64(), 2n);
  const initiatorShare = init.buffer();
  const initSignature = init.buffer();
  const initiatorCertificate = init.buffer();
  const salt = init.buffer();
  init.end();
  assert.equal(response.u64(), 1n);
  assert.equal(response.u64(), 2n);
  const responderShare = response.buffer();
  const responseSignature = response.buffer();
  const responderCertificate = response.buffer();
  response.end();
  assert.equal(final.u64(), 2n);
  const finalSignature = final.buffer();
  final.end();

  it("finds the fields of the three messages", () => {
    assert.deepEqual([initiatorShare[0], initiatorShare[1], initiatorShare.length], [97, 4, 98]);
    assert.deepEqual([responderShare[0], responderShare[1], responderShare.length], [97, 4, 98]);
    assert.deepEqual(salt, Buffer.alloc(32, initiator.fill));
    assert.equal(initiatorCertificate.toString(), initiator.certificate);
    assert.equal(responderCertificate.toString(), responder.certificate);
  });

  it("verifies the three signatures over the transcript", () => {
    const transcript = (step: number, whole: boolean): Buffer =>
      Buffer.concat([
        withLength(Buffer.from("consortium-ledger channel key exchange")),
        u64(2),
        u64(step),
        withLength(Buffer.from(initiator.nodeId)),
        withLength(Buffer.from(responder.nodeId)),
        withLength(salt),
        withLength(initiatorShare.subarray(1)),
        withLength(whole ? responderShare.subarray(1) : Buffer.alloc(0)),
        withLength(digest(initiatorCertificate)),
        withLength(whole ? digest(responderCertificate) : Buffer.alloc(0)),
      ]);
    const signed = (certificate: string, message: Buffer, signature: Buffer): boolean =>
      verify("sha384", message, { key: certificate, dsaEncoding: "ieee-p1363" }, signature);
    assert.ok(signed(initiator.certificate, transcript(0, false), initSignature));
    assert.ok(signed(responder.certificate, transcript(1, true), responseSignature));
    assert.ok(signed(initiator.certificate, transcript(2, true), finalSignature));
  });

  it("derives the key and opens the recorded frames", () => {
    const own = createECDH("secp384r1");
    own.setPrivateKey(Buffer.alloc(48, initiator.fill));
    assert.deepEqual(own.getPublicKey(), initiatorShare.subarray(1));
    const secret = own.computeSecret(responderShare.subarray(1));
    const info = initiator.nodeId + responder.nodeId;
    const key = Buffer.from(hkdfSync("sha256", secret, salt, info, 32));
    const request = gcmOpen(key, Buffer.from(frames.request, "hex"), 25, 1);
    assert.equal(hex(request.subarray(0, 8)), "0600000000000000");
    assert.equal(request.subarray(8).toString(), "submitpayload");
    const consensus = Buffer.from(frames.consensus, "hex");
    assert.equal(gcmOpen(key, consensus, consensus.length - 24, 2).length, 0);
    assert.equal(consensus.subarray(24, -24).toString(), "header");
    const ping = gcmOpen(key, Buffer.from(frames.ping, "hex"), 16, 3);
    assert.equal(hex(ping), "020700000000000000");
  });
});

function gcmOpen(key: Buffer, frame: Buffer, aadBytes: number, counter: number): Buffer {
  const [tag, iv] = [frame.subarray(aadBytes, aadBytes + 16), frame.subarray(aadBytes + 16)];
  const expectedIv = Buffer.alloc(8);
  expectedIv.writeUIntLE(counter, 1, 6);
  assert.deepEqual(iv.subarray(0, 8), expectedIv);
  const nonce = Buffer.concat([expectedIv, Buffer.alloc(4)]);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
  decipher.setAAD(frame.subarray(0, aadBytes)).setAuthTag(tag);
  return Buffer.concat([decipher.update(iv.subarray(8)), decipher.final()]);
}

function digest(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function withLength(bytes: Buffer): Buffer {
  return Buffer.concat([u64(bytes.length), bytes]);
}
