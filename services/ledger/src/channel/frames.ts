// SPDX-License-Identifier: Apache-2.0
import { channelErrors } from "./errors.js";
import { PROTOCOL_VERSION, requireVersion } from "./key-exchange-messages.js";
import { GCM_HEADER_BYTES } from "./message-keys.js";
import { buffer, concat, malformed, textOf, u64, utf8, WireReader, writeU64 } from "./wire.js";

/** The first field of every frame; the first three are CCF's `NodeMsgType`. */
export const FRAME_TYPE = {
  keyExchange: 0,
  consensus: 1,
  forwarded: 2,
  /** A piece of the ledger entries that belong to the last consensus frame. */
  entries: 3,
  control: 4,
  open: 5,
} as const;

export type FrameType = keyof typeof FRAME_TYPE;

const TYPES = Object.keys(FRAME_TYPE) as readonly FrameType[];
const TYPE_BYTES = 8;

export function frameType(frame: Uint8Array): FrameType {
  const number = new WireReader(frame).u64("frame type");
  const type = TYPES[number];
  if (type === undefined) throw malformed(`there is no frame of type ${number}`);
  return type;
}

/** What follows the type, for frames that are not protected. */
export function frameBody(frame: Uint8Array): Uint8Array {
  return frame.subarray(TYPE_BYTES);
}

export function plainFrame(type: "keyExchange" | "entries" | "open", body: Uint8Array): Uint8Array {
  return concat(u64(FRAME_TYPE[type]), body);
}

const NODE_ID = /^[0-9a-f]{64}$/;

/** The first frame of each side: who speaks to whom. Proved by the key exchange that follows. */
export interface OpenFrame {
  readonly sender: string;
  readonly receiver: string;
}

export function encodeOpen({ sender, receiver }: OpenFrame): Uint8Array {
  return plainFrame(
    "open",
    concat(u64(PROTOCOL_VERSION), buffer(utf8(sender)), buffer(utf8(receiver))),
  );
}

export function decodeOpen(frame: Uint8Array): OpenFrame {
  if (frameType(frame) !== "open") {
    throw channelErrors(
      "CHANNEL_UNEXPECTED_FRAME",
      "a stream begins by naming sender and receiver",
    );
  }
  const reader = new WireReader(frameBody(frame));
  requireVersion(reader.u64("protocol version"));
  const open = { sender: readNodeId(reader, "sender"), receiver: readNodeId(reader, "receiver") };
  reader.end();
  return open;
}

function readNodeId(reader: WireReader, field: string): string {
  const id = textOf(reader.buffer(field, 64), field);
  if (!NODE_ID.test(id)) throw malformed(`the ${field} is not a node id`);
  return id;
}

/** What the additional data of every protected frame begin with. */
const PROTECTED_HEADER_BYTES = 16;

function protectedHeader(type: FrameType, keyNumber: number, more: number): Uint8Array {
  const aad = new Uint8Array(PROTECTED_HEADER_BYTES + more);
  writeU64(aad, 0, FRAME_TYPE[type]);
  writeU64(aad, 8, keyNumber);
  return aad;
}

/** The key a protected frame names. It is part of what is authenticated. */
export function keyNumberOf(frame: Uint8Array): number {
  return new WireReader(frame.subarray(TYPE_BYTES)).u64("key number");
}

export const CONTROL_AAD_BYTES = PROTECTED_HEADER_BYTES;

export function controlAad(keyNumber: number): Uint8Array {
  return protectedHeader("control", keyNumber, 0);
}

/** What a forwarded frame is about; the correlation with its request is authenticated, not secret. */
export interface SessionHeader {
  readonly step: "request" | "response" | "failure" | "cancel";
  readonly id: number;
}

const STEPS: readonly SessionHeader["step"][] = ["request", "response", "failure", "cancel"];

export const FORWARDED_AAD_BYTES = PROTECTED_HEADER_BYTES + 9;

export function forwardedAad(keyNumber: number, { step, id }: SessionHeader): Uint8Array {
  const aad = protectedHeader("forwarded", keyNumber, 9);
  aad[PROTECTED_HEADER_BYTES] = STEPS.indexOf(step);
  writeU64(aad, PROTECTED_HEADER_BYTES + 1, id);
  return aad;
}

export function readSessionHeader(frame: Uint8Array): SessionHeader {
  const reader = new WireReader(frame.subarray(PROTECTED_HEADER_BYTES));
  const number = reader.u8("session step");
  const step = STEPS[number];
  if (step === undefined) throw malformed(`there is no session step ${number}`);
  return { step, id: reader.u64("session id") };
}

/** The whole consensus frame but tag and IV is additional data: its length follows from the frame's. */
export function consensusAadBytes(frame: Uint8Array): number {
  return Math.max(0, frame.length - GCM_HEADER_BYTES);
}

export function consensusAad(
  keyNumber: number,
  entriesBytes: number,
  header: Uint8Array,
): Uint8Array {
  const aad = protectedHeader("consensus", keyNumber, 8 + header.length);
  writeU64(aad, PROTECTED_HEADER_BYTES, entriesBytes);
  aad.set(header, PROTECTED_HEADER_BYTES + 8);
  return aad;
}

/** Copies the header, as a frame is a view into a larger message. */
export function readConsensus(frame: Uint8Array): { header: Uint8Array; entriesBytes: number } {
  const reader = new WireReader(frame.subarray(PROTECTED_HEADER_BYTES, consensusAadBytes(frame)));
  const entriesBytes = reader.u64("entries length");
  return { entriesBytes, header: Uint8Array.from(reader.rest()) };
}
