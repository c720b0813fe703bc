// SPDX-License-Identifier: Apache-2.0
import { cliErrors } from "../errors.js";

/** A private key on a token, as RFC 7512 names it. What is absent may be anything. */
export interface Pkcs11Uri {
  /** The vendor's library, which talks to the token. */
  modulePath: string;
  token?: string;
  serial?: string;
  manufacturer?: string;
  model?: string;
  slotId?: number;
  /** CKA_LABEL. */
  object?: string;
  /** CKA_ID. */
  id?: Buffer;
  /** The file that holds the PIN. */
  pinFile?: string;
}

const SCHEME = "pkcs11:";
const TEXT_ATTRIBUTES = ["token", "serial", "manufacturer", "model", "object"] as const;

/** Attributes of RFC 7512 that tell nothing we could look for. */
const IGNORED: ReadonlySet<string> = new Set([
  "library-manufacturer",
  "library-version",
  "library-description",
  "slot-manufacturer",
  "slot-description",
]);

export function isPkcs11Uri(text: string): boolean {
  return text.startsWith(SCHEME);
}

/**
 * Reads `pkcs11:token=…;object=…?module-path=…&pin-source=…`. Throws `INVALID_INPUT`, and
 * `SECRET_ON_COMMAND_LINE` for a PIN that is written out.
 */
export function parsePkcs11Uri(text: string): Pkcs11Uri {
  refusePin(text);
  const [path = "", query = "", ...more] = text.slice(SCHEME.length).split("?");
  if (!isPkcs11Uri(text) || more.length > 0) throw invalid(text, "it is not a pkcs11: URI");
  const attributes = readAttributes(path, ";", text);
  const settings = readAttributes(query, "&", text);
  const uri: Pkcs11Uri = { modulePath: modulePathOf(settings, text) };
  for (const name of TEXT_ATTRIBUTES) {
    const value = attributes.get(name);
    if (value !== undefined) uri[name] = value.toString("utf8");
  }
  const id = attributes.get("id");
  if (id !== undefined) uri.id = id;
  const slotId = attributes.get("slot-id")?.toString("utf8");
  if (slotId !== undefined) uri.slotId = slotIdOf(slotId, text);
  const pinSource = settings.get("pin-source")?.toString("utf8");
  if (pinSource !== undefined) uri.pinFile = pinFileOf(pinSource, text);
  requireKnown(attributes, [...TEXT_ATTRIBUTES, "id", "slot-id", "type"], text);
  requireKnown(settings, ["module-path", "pin-source"], text);
  const type = attributes.get("type")?.toString("utf8") ?? "private";
  if (type !== "private") throw invalid(text, `type=${type} is no private key`);
  if (uri.object === undefined && uri.id === undefined)
    throw invalid(text, "it names no key: object=LABEL or id=… is missing");
  return uri;
}

/** Wherever it stands: no message may repeat it. */
function refusePin(text: string): void {
  if (/pin-value/i.test(text)) {
    throw cliErrors(
      "SECRET_ON_COMMAND_LINE",
      "the key's URI contains a PIN, which every user of this machine could read",
      { hint: "Write the PIN into a file that only you can read, and name it: pin-source=file:/…" },
    );
  }
}

function modulePathOf(settings: ReadonlyMap<string, Buffer>, text: string): string {
  const path = settings.get("module-path")?.toString("utf8");
  if (path !== undefined && path !== "") return path;
  throw invalid(text, "module-path=… is missing: the library that talks to the token");
}

function slotIdOf(slotId: string, text: string): number {
  if (/^[0-9]{1,9}$/.test(slotId)) return Number(slotId);
  throw invalid(text, `slot-id=${slotId} is not a number`);
}

/** A path, or a file URL without a host. */
function pinFileOf(source: string, text: string): string {
  const match = /^(?:file:(?:\/\/(?=\/))?)?([^|:]+)$/.exec(source);
  if (match?.[1] !== undefined) return match[1];
  throw invalid(text, `pin-source=${source} is not a file`);
}

function readAttributes(part: string, separator: string, text: string): Map<string, Buffer> {
  const attributes = new Map<string, Buffer>();
  for (const attribute of part.split(separator)) {
    if (attribute === "") continue;
    const [name = "", ...value] = attribute.split("=");
    if (value.length === 0) throw invalid(text, `${name} has no value`);
    if (attributes.has(name)) throw invalid(text, `${name} stands twice`);
    attributes.set(name, decodePercent(value.join("="), text));
  }
  return attributes;
}

function requireKnown(
  attributes: ReadonlyMap<string, Buffer>,
  known: readonly string[],
  text: string,
): void {
  for (const name of attributes.keys()) {
    if (known.includes(name) || IGNORED.has(name)) continue;
    throw invalid(text, `${name} is not known; there are ${known.join(", ")}`);
  }
}

/** Bytes, because an id need not be text. */
function decodePercent(value: string, text: string): Buffer {
  if (/%(?![0-9A-Fa-f]{2})/.test(value))
    throw invalid(text, "a % is not followed by two hex digits");
  const parts = value.split(/(%[0-9A-Fa-f]{2})/);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1 ? Buffer.from(part.slice(1), "hex") : Buffer.from(part, "utf8"),
    ),
  );
}

function invalid(text: string, problem: string): Error {
  return cliErrors("INVALID_INPUT", `the key ${text.split("?")[0]} cannot be used: ${problem}`, {
    hint: "Write it as pkcs11:token=NAME;object=LABEL?module-path=/usr/lib/….so&pin-source=file:/….",
  });
}
