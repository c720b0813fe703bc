// SPDX-License-Identifier: Apache-2.0
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  type SignKeyObjectInput,
  timingSafeEqual,
  verify,
  X509Certificate,
} from "node:crypto";
import { requireBuffer, requireObject, requireText } from "./arguments.js";
import { GuestError, guestTypeError } from "./guest-error.js";
import type { HostFunctions, HostState } from "./host-function.js";

type Algorithm = "RSASSA-PKCS1-v1_5" | "RSA-PSS" | "ECDSA" | "EdDSA" | "HMAC";
const HASHES: Readonly<Record<string, string>> = {
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};
const KEY_TYPE: Readonly<Record<Exclude<Algorithm, "HMAC">, readonly string[]>> = {
  "RSASSA-PKCS1-v1_5": ["rsa"],
  "RSA-PSS": ["rsa", "rsa-pss"],
  ECDSA: ["ec"],
  EdDSA: ["ed25519"],
};

export const signatures: HostFunctions = {
  "crypto.sign"([options, key], [data, rawKey], state) {
    const { name, hash } = algorithmOf(options);
    const message = requireBuffer(data, "data");
    if (name === "HMAC") {
      const secret = rawKey ?? Buffer.from(requireText(key, "key"), "utf8");
      return createHmac(requireHash(hash), secret).update(message).digest();
    }
    if (name === "ECDSA" || name === "RSA-PSS") refuseInDecision(`sign with ${name}`, state);
    const privateKey = parsePrivateKey(requireText(key, "key"));
    requireKeyType(privateKey, name);
    return sign(digestFor(name, hash), message, signingInput(privateKey, name));
  },
  "crypto.verifySignature"([options, key], [signature, data]) {
    const { name, hash } = algorithmOf(options);
    const [message, bytes] = [requireBuffer(data, "data"), requireBuffer(signature, "signature")];
    const text = requireText(key, "key");
    if (name === "HMAC") {
      const expected = createHmac(requireHash(hash), text).update(message).digest();
      return expected.length === bytes.length && timingSafeEqual(expected, bytes);
    }
    const publicKey = parsePublicKey(text);
    requireKeyType(publicKey, name);
    return verify(digestFor(name, hash), message, signingInput(publicKey, name), bytes);
  },
};

/**
 * Functions whose results cannot come out the same again are kept from whatever decides: `validate`,
 * `vote` and `resolve`. In `apply` they work; what they produce is on the ledger.
 */
export function refuseInDecision(what: string, state: HostState): void {
  if (state.context === "apply") return;
  throw guestTypeError(
    `Cannot ${what} here: the result is random, and a decision must be reproducible`,
  );
}

function algorithmOf(value: unknown): { name: Algorithm; hash: unknown } {
  const { name, hash } = requireObject(value, "algorithm");
  if (name !== "HMAC" && !(typeof name === "string" && Object.hasOwn(KEY_TYPE, name))) {
    throw guestTypeError(
      "Unsupported signing algorithm, supported: RSASSA-PKCS1-v1_5, RSA-PSS, ECDSA, EdDSA, HMAC",
    );
  }
  return { name: name as Algorithm, hash };
}

function requireHash(hash: unknown): string {
  const name = typeof hash === "string" ? HASHES[hash] : undefined;
  if (name === undefined)
    throw guestTypeError("Unsupported hash, supported: SHA-256, SHA-384, SHA-512");
  return name;
}

function digestFor(name: Algorithm, hash: unknown): string | null {
  return name === "EdDSA" ? null : requireHash(hash);
}

function signingInput(key: KeyObject, name: Algorithm): SignKeyObjectInput {
  if (name === "ECDSA") return { key, dsaEncoding: "ieee-p1363" };
  if (name !== "RSA-PSS") return { key };
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

function requireKeyType(key: KeyObject, name: Exclude<Algorithm, "HMAC">): void {
  if (!KEY_TYPE[name].includes(key.asymmetricKeyType ?? "")) {
    throw guestTypeError(`The key does not belong to algorithm ${name}`);
  }
}

export function parsePrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new GuestError("Error", "Failed to parse the private key: expected PEM");
  }
}

/** Of a public key or of a certificate. */
export function parsePublicKey(pem: string): KeyObject {
  try {
    if (pem.includes("-----BEGIN CERTIFICATE-----")) return new X509Certificate(pem).publicKey;
    if (pem.includes("PRIVATE KEY-----")) throw new TypeError("a private key");
    return createPublicKey(pem);
  } catch {
    throw new GuestError("Error", "Failed to parse the public key: expected PEM");
  }
}
