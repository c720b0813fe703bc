// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from "node:path";
import { cliErrors } from "../errors.js";
import { isPkcs11Uri } from "../input/pkcs11-uri.js";
import type { ContextDefinition, ContextFile, Identity } from "./context.js";

const ADDRESS_FIELDS = ["nodeAddress", "governanceAddress", "recoveryAddress"] as const;
const TEXT_FIELDS = ["member", "user", "databaseUrl"] as const;
const IDENTITY_FIELDS = ["members", "users"] as const;
const KNOWN_FIELDS = [...ADDRESS_FIELDS, ...TEXT_FIELDS, ...IDENTITY_FIELDS, "serviceCertificate"];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Reads the text of a context file. Relative file names in it are relative to the file itself. */
export function parseContextFile(text: string, file: string): ContextFile {
  const folder = dirname(resolve(file));
  const root = asObject(parseJson(text, file), "the file", file);
  refuseUnknown(root, ["current", "contexts"], "", file);
  const contexts = asObject(root["contexts"] ?? {}, "contexts", file);
  const result: ContextFile = { contexts: {} };
  if (root["current"] !== undefined) result.current = asText(root["current"], "current", file);
  for (const [name, value] of Object.entries(contexts)) {
    if (!NAME.test(name))
      throw invalid(file, `contexts.${name}`, "is not a name (letters, digits, . _ -)");
    result.contexts[name] = parseDefinition(value, `contexts.${name}`, folder, file);
  }
  return result;
}

function parseDefinition(
  value: unknown,
  path: string,
  folder: string,
  file: string,
): ContextDefinition {
  const raw = asObject(value, path, file);
  refuseUnknown(raw, KNOWN_FIELDS, `${path}.`, file);
  const result: ContextDefinition = {};
  for (const field of ADDRESS_FIELDS) {
    if (raw[field] !== undefined) result[field] = asAddress(raw[field], `${path}.${field}`, file);
  }
  for (const field of TEXT_FIELDS) {
    if (raw[field] !== undefined) result[field] = asText(raw[field], `${path}.${field}`, file);
  }
  if (raw["serviceCertificate"] !== undefined) {
    const name = asText(raw["serviceCertificate"], `${path}.serviceCertificate`, file);
    result.serviceCertificate = resolve(folder, name);
  }
  for (const field of IDENTITY_FIELDS) {
    if (raw[field] !== undefined)
      result[field] = parseIdentities(raw[field], `${path}.${field}`, folder, file);
  }
  return result;
}

function parseIdentities(
  value: unknown,
  path: string,
  folder: string,
  file: string,
): Record<string, Identity> {
  const result: Record<string, Identity> = {};
  for (const [name, entry] of Object.entries(asObject(value, path, file))) {
    const at = `${path}.${name}`;
    const raw = asObject(entry, at, file);
    refuseUnknown(raw, ["key", "certificate", "encryptionKey"], `${at}.`, file);
    const identity: Identity = {
      key: resolveKey(folder, asText(raw["key"], `${at}.key`, file)),
      certificate: resolve(folder, asText(raw["certificate"], `${at}.certificate`, file)),
    };
    if (raw["encryptionKey"] !== undefined) {
      identity.encryptionKey = resolve(
        folder,
        asText(raw["encryptionKey"], `${at}.encryptionKey`, file),
      );
    }
    result[name] = identity;
  }
  return result;
}

/** A key on a token is no file. */
function resolveKey(folder: string, key: string): string {
  return isPkcs11Uri(key) ? key : resolve(folder, key);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(
      file,
      "the file",
      `is not JSON (${cause instanceof Error ? cause.message : "?"})`,
    );
  }
}

function asObject(value: unknown, path: string, file: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw invalid(file, path, "must be an object");
}

function asText(value: unknown, path: string, file: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(file, path, "must be a text that is not empty");
}

function asAddress(value: unknown, path: string, file: string): string {
  const text = asText(value, path, file);
  if (isAddress(text)) return text;
  throw invalid(file, path, "must be host:port");
}

function refuseUnknown(raw: object, known: readonly string[], prefix: string, file: string): void {
  const unknown = Object.keys(raw).find((field) => !known.includes(field));
  if (unknown !== undefined) throw invalid(file, `${prefix}${unknown}`, "is not a known field");
}

function invalid(file: string, path: string, problem: string): Error {
  return cliErrors("CONTEXT_FILE_INVALID", `${file}: ${path} ${problem}`, {
    details: { file, field: path },
    hint: "Correct the file; the README of the cli room lists its fields.",
  });
}

export function isAddress(text: string): boolean {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):([0-9]{1,5})$/.exec(text);
  return match !== null && Number(match[2]) <= 65_535;
}
