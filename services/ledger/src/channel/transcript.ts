// SPDX-License-Identifier: Apache-2.0
import { sha256 } from "@consortium/crypto-wasm";
import { MESSAGE_TYPE, PROTOCOL_VERSION } from "./key-exchange-messages.js";
import { buffer, concat, u64, utf8 } from "./wire.js";

/** What both sides of one key exchange know; the responder's half is missing in the first message. */
export interface Transcript {
  readonly initiatorId: string;
  readonly responderId: string;
  readonly salt: Uint8Array;
  readonly initiatorShare: Uint8Array;
  readonly initiatorCertificate: Uint8Array;
  readonly responderShare?: Uint8Array;
  readonly responderCertificate?: Uint8Array;
}

const DOMAIN = utf8("consortium-ledger channel key exchange");
const ABSENT = new Uint8Array();

/**
 * The bytes that are signed with a node's key. They hold everything that was said so far, and which
 * of the three messages it is: a signature is worth nothing in another message, another direction,
 * another exchange or another use of the node's key.
 */
export function signedBytes(step: keyof typeof MESSAGE_TYPE, transcript: Transcript): Uint8Array {
  const { responderShare, responderCertificate } = transcript;
  return concat(
    buffer(DOMAIN),
    u64(PROTOCOL_VERSION),
    u64(MESSAGE_TYPE[step]),
    buffer(utf8(transcript.initiatorId)),
    buffer(utf8(transcript.responderId)),
    buffer(transcript.salt),
    buffer(transcript.initiatorShare),
    buffer(responderShare ?? ABSENT),
    buffer(sha256(transcript.initiatorCertificate)),
    buffer(responderCertificate === undefined ? ABSENT : sha256(responderCertificate)),
  );
}
