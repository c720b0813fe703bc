// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";
import { buffer, concat, malformed, u64, WireReader } from "./wire.js";

/**
 * The only version spoken. 1 is CCF's, whose signatures cover neither version nor salt; there is no
 * falling back to it.
 */
export const PROTOCOL_VERSION = 2;

export const SALT_BYTES = 32;
/** An uncompressed point on P-384. */
export const POINT_BYTES = 97;

const CERTIFICATE_BYTES_MAX = 8 * 1024;
const SIGNATURE_BYTES_MAX = 132;

/** `ChannelMsg`, the first field of each message. */
export const MESSAGE_TYPE = { init: 0, response: 1, final: 2 } as const;

export interface InitMessage {
  readonly type: "init";
  readonly share: Uint8Array;
  readonly signature: Uint8Array;
  /** PEM, as it was sent. */
  readonly certificate: Uint8Array;
  readonly salt: Uint8Array;
}

export interface ResponseMessage {
  readonly type: "response";
  readonly share: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: Uint8Array;
}

export interface FinalMessage {
  readonly type: "final";
  readonly signature: Uint8Array;
}

export type KeyExchangeMessage = InitMessage | ResponseMessage | FinalMessage;

export function encodeKeyExchange(message: KeyExchangeMessage): Uint8Array {
  const type = u64(MESSAGE_TYPE[message.type]);
  if (message.type === "final") return concat(type, buffer(message.signature));
  const parts = [
    type,
    u64(PROTOCOL_VERSION),
    buffer(concat(Uint8Array.of(message.share.length), message.share)),
    buffer(message.signature),
    buffer(message.certificate),
  ];
  if (message.type === "init") parts.push(buffer(message.salt));
  return concat(...parts);
}

/** The type that a message claims to be of. */
export function keyExchangeType(bytes: Uint8Array): KeyExchangeMessage["type"] {
  const number = new WireReader(bytes).u64("message type");
  const type = (["init", "response", "final"] as const)[number];
  if (type === undefined) throw malformed(`there is no key exchange message of type ${number}`);
  return type;
}

export function decodeKeyExchange(bytes: Uint8Array): KeyExchangeMessage {
  const type = keyExchangeType(bytes);
  const reader = new WireReader(bytes.subarray(8));
  const message = readMessage(type, reader);
  reader.end();
  return message;
}

function readMessage(type: KeyExchangeMessage["type"], reader: WireReader): KeyExchangeMessage {
  if (type === "final") return { type, signature: readSignature(reader) };
  requireVersion(reader.u64("protocol version"));
  const share = readShare(reader);
  const signature = readSignature(reader);
  const certificate = reader.buffer("certificate", CERTIFICATE_BYTES_MAX);
  if (type === "response") return { type, share, signature, certificate };
  const salt = reader.buffer("salt", SALT_BYTES);
  if (salt.length !== SALT_BYTES) throw malformed(`the salt has ${salt.length} bytes`);
  return { type, share, signature, certificate, salt };
}

/** Length in one byte, then the point; whether it lies on the curve shows when it is used. */
function readShare(reader: WireReader): Uint8Array {
  const share = reader.buffer("key share", 1 + POINT_BYTES);
  if (share.length !== 1 + POINT_BYTES || share[0] !== POINT_BYTES || share[1] !== 0x04) {
    throw malformed("the key share is not an uncompressed point on P-384");
  }
  return share.subarray(1);
}

function readSignature(reader: WireReader): Uint8Array {
  return reader.buffer("signature", SIGNATURE_BYTES_MAX);
}

export function requireVersion(version: number): void {
  if (version === PROTOCOL_VERSION) return;
  throw channelErrors(
    "CHANNEL_VERSION_UNSUPPORTED",
    `the peer speaks channel protocol ${version}, this node ${PROTOCOL_VERSION}`,
    { hint: "run the same release on both nodes" },
  );
}
