// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type JsonWebKey, X509Certificate } from "node:crypto";
import {
  decodeJson,
  encodeJson,
  keyFromText,
  type KvKey,
  TABLES,
  type Transaction,
} from "@consortium/ledger";
import type { GuestValue } from "../sandbox/protocol.js";
import { effectError } from "./effect-error.js";

/** One key that tokens may be signed with, and who may issue them. */
interface JwtKey {
  readonly public_key: string;
  readonly issuer: string;
  readonly constraint?: string;
}

const TABLE = TABLES.jwtPublicSigningKeysMetadata;
const FAILED = "Error setting JWT public signing keys";

/** The keys of an issuer become those of the set; keys of other issuers under the same id stay. */
export function setJwtKeys(tx: Transaction, issuer: string, jwks: GuestValue): undefined {
  const added = keysOf(jwks, issuer);
  removeJwtKeys(tx, issuer);
  for (const [kid, key] of added) {
    const row = keyFromText(kid);
    tx.put(TABLE, row, encodeJson([...readKeys(tx, row), key].map((entry) => ({ ...entry }))));
  }
  return undefined;
}

export function removeJwtKeys(tx: Transaction, issuer: string): undefined {
  for (const [row] of tx.entries(TABLE)) {
    const keys = readKeys(tx, row);
    const kept = keys.filter((key) => key.issuer !== issuer);
    if (kept.length === keys.length) continue;
    if (kept.length === 0) tx.remove(TABLE, row);
    else tx.put(TABLE, row, encodeJson(kept.map((entry) => ({ ...entry }))));
  }
  return undefined;
}

function readKeys(tx: Transaction, row: KvKey): JwtKey[] {
  const value = tx.get(TABLE, row);
  return value === undefined ? [] : (decodeJson(value) as unknown as JwtKey[]);
}

function keysOf(jwks: GuestValue, issuer: string): Map<string, JwtKey> {
  const keys = objectOf(jwks)["keys"];
  if (!Array.isArray(keys)) throw effectError(`${FAILED}: jwks has no list of keys`);
  if (keys.length === 0) throw effectError(`${FAILED}: jwks has no keys`);
  const added = new Map<string, JwtKey>();
  for (const item of keys as readonly GuestValue[]) {
    const jwk = objectOf(item);
    const kid = jwk["kid"];
    if (typeof kid !== "string" || kid === "") throw effectError(`${FAILED}: a key has no kid`);
    const constraint = jwk["issuer"];
    if (constraint !== undefined && !mayConstrain(issuer, constraint)) continue;
    const key = { public_key: publicKeyOf(jwk, kid), issuer };
    added.set(kid, typeof constraint === "string" ? { ...key, constraint } : key);
  }
  if (added.size === 0) throw effectError(`${FAILED}: no key of jwks is constrained to ${issuer}`);
  return added;
}

/** SPKI in DER, as base64: from the certificate where there is one, else from the numbers. */
function publicKeyOf(jwk: Readonly<Record<string, GuestValue>>, kid: string): string {
  const chain = jwk["x5c"];
  try {
    const key =
      Array.isArray(chain) && typeof chain[0] === "string"
        ? new X509Certificate(Buffer.from(chain[0], "base64")).publicKey
        : createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    if (key.asymmetricKeyType !== "rsa" && key.asymmetricKeyType !== "ec") throw new TypeError(kid);
    return key.export({ type: "spki", format: "der" }).toString("base64");
  } catch {
    throw effectError(`${FAILED}: the key ${kid} is neither an RSA nor an EC key`);
  }
}

/** A key set may only speak for the issuer's own host or for a domain above it (`reference` G.2). */
function mayConstrain(issuer: string, constraint: GuestValue): boolean {
  const issuerHost = hostOf(issuer);
  const constraintHost = typeof constraint === "string" ? hostOf(constraint) : undefined;
  if (issuerHost === undefined || constraintHost === undefined) return false;
  return issuerHost === constraintHost || issuerHost.endsWith(`.${constraintHost}`);
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function objectOf(value: GuestValue): Readonly<Record<string, GuestValue>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw effectError(`${FAILED}: expected an object`);
  }
  return value as Readonly<Record<string, GuestValue>>;
}
