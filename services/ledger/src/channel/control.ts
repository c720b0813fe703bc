// SPDX-License-Identifier: Apache-2.0
import { buffer, concat, malformed, textOf, u64, utf8, WireReader } from "./wire.js";

/** What two nodes tell each other about the channel itself; always encrypted. */
export type ControlMessage =
  /** A key exchange message that renews the keys. */
  | { readonly type: "keyExchange"; readonly message: Uint8Array }
  /** Consensus bytes consumed since the stream began. */
  | { readonly type: "consumed"; readonly bytes: number }
  | { readonly type: "ping"; readonly nonce: number }
  | { readonly type: "pong"; readonly nonce: number }
  /** The last message: why the stream is closed. */
  | { readonly type: "bye"; readonly code: string; readonly reason: string };

const TYPES: readonly ControlMessage["type"][] = ["keyExchange", "consumed", "ping", "pong", "bye"];
const TEXT_BYTES_MAX = 1024;

export function encodeControl(control: ControlMessage): Uint8Array {
  const type = Uint8Array.of(TYPES.indexOf(control.type));
  switch (control.type) {
    case "keyExchange":
      return concat(type, control.message);
    case "consumed":
      return concat(type, u64(control.bytes));
    case "ping":
    case "pong":
      return concat(type, u64(control.nonce));
    case "bye":
      return concat(type, buffer(shortText(control.code)), buffer(shortText(control.reason)));
  }
}

export function decodeControl(bytes: Uint8Array): ControlMessage {
  const reader = new WireReader(bytes);
  const number = reader.u8("control type");
  const type = TYPES[number];
  const control = type === undefined ? undefined : readControl(type, reader);
  if (control === undefined) throw malformed(`there is no control message of type ${number}`);
  reader.end();
  return control;
}

function readControl(type: ControlMessage["type"], reader: WireReader): ControlMessage {
  switch (type) {
    case "keyExchange":
      return { type, message: reader.rest() };
    case "consumed":
      return { type, bytes: reader.u64("consumed bytes") };
    case "ping":
    case "pong":
      return { type, nonce: reader.u64("nonce") };
    case "bye":
      return { type, code: readText(reader, "code"), reason: readText(reader, "reason") };
  }
}

function readText(reader: WireReader, field: string): string {
  return textOf(reader.buffer(field, TEXT_BYTES_MAX), field);
}

function shortText(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length <= TEXT_BYTES_MAX) return bytes;
  // A character takes at most four bytes.
  return utf8(text.slice(0, TEXT_BYTES_MAX / 4).toWellFormed());
}
