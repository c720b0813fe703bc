// SPDX-License-Identifier: Apache-2.0
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  verify,
  X509Certificate,
} from "node:crypto";
import { alive, requireBytes } from "./arguments.js";
import { core } from "./core.js";
import { CryptoError, guarded } from "./error.js";
import type {
  SigningKey as CoreSigningKey,
  VerifyingKey as CoreVerifyingKey,
} from "../pkg/ledger_crypto.js";

/** The curves, by the names the ledger uses. */
export type Curve = "Secp256R1" | "Secp384R1";

/** How r and s are written: side by side, or as ASN.1 DER. */
export type SignatureFormat = "p1363" | "der";

/** How a message was hashed and its signature written, where that is not the usual way. */
export interface VerifyOptions {
  readonly hash?: "sha256" | "sha384";
  readonly format?: SignatureFormat;
}

const CURVES: readonly unknown[] = ["Secp256R1", "Secp384R1"] satisfies Curve[];
const FORMATS: readonly unknown[] = ["p1363", "der"] satisfies SignatureFormat[];
/** SHA-256, SHA-384, SHA-512. */
const DIGEST_LENGTHS: readonly number[] = [32, 48, 64];
const HASHES = { Secp256R1: "sha256", Secp384R1: "sha384" } as const;

/**
 * An ECDSA private key. Signatures are deterministic (RFC 6979).
 *
 * @example
 * ```ts
 * using key = SigningKey.generate("Secp384R1");
 * const signature = key.sign(message);
 * ```
 */
export class SigningKey {
  readonly curve: Curve;
  #inner: CoreSigningKey | undefined;

  private constructor(inner: CoreSigningKey) {
    this.#inner = inner;
    this.curve = curveOf(inner);
  }

  /** Draws a new key. */
  static generate(curve: Curve): SigningKey {
    if (!CURVES.includes(curve)) throw new TypeError("curve must be Secp256R1 or Secp384R1");
    return new SigningKey(guarded(() => core().SigningKey.generate(curve === "Secp384R1")));
  }

  /**
   * Reads an EC private key in PKCS#8 or SEC1; an `EC PARAMETERS` block before it does not matter.
   */
  static fromPem(pem: string): SigningKey {
    if (typeof pem !== "string") throw new TypeError("pem must be a string");
    const der = parsed("private key", () => createPrivateKey(pem)).export({
      type: "pkcs8",
      format: "der",
    });
    try {
      return new SigningKey(guarded(() => core().SigningKey.fromPkcs8(der)));
    } finally {
      der.fill(0);
    }
  }

  /** The core's key, for the other modules of this package. */
  static inner(key: SigningKey): CoreSigningKey {
    return alive(key.#inner, "key");
  }

  /** The public key as SubjectPublicKeyInfo in DER. */
  publicKeySpki(): Uint8Array {
    const inner = alive(this.#inner, "key");
    return guarded(() => inner.publicKeySpki());
  }

  /** The private key as a PKCS#8 file. */
  toPkcs8Pem(): string {
    const inner = alive(this.#inner, "key");
    return guarded(() => inner.toPkcs8Pem());
  }

  /** Signs a message with the curve's hash; gives r ‖ s. */
  sign(message: Uint8Array): Uint8Array {
    const inner = alive(this.#inner, "key");
    requireBytes(message, "message");
    return inner.sign(message);
  }

  /** Signs a digest as it is; a P-384 key signs a SHA-256 digest too. */
  signDigest(digest: Uint8Array, format: SignatureFormat): Uint8Array {
    const inner = alive(this.#inner, "key");
    requireDigest(digest, format);
    return guarded(() => inner.signDigest(digest, format === "der"));
  }

  /** Wipes the key. */
  dispose(): void {
    this.#inner?.free();
    this.#inner = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * An ECDSA public key.
 *
 * @example
 * ```ts
 * using key = VerifyingKey.fromPem(certificate);
 * if (!key.verify(message, signature)) throw new Error("forged");
 * ```
 */
export class VerifyingKey {
  readonly curve: Curve;
  readonly #native: KeyObject;
  #inner: CoreVerifyingKey | undefined;

  private constructor(spki: Uint8Array) {
    this.#inner = guarded(() => core().VerifyingKey.fromSpki(spki));
    this.curve = curveOf(this.#inner);
    this.#native = parsed("public key", () =>
      createPublicKey({ key: Buffer.from(spki), type: "spki", format: "der" }),
    );
  }

  /** Reads a SubjectPublicKeyInfo in DER. */
  static fromSpki(der: Uint8Array): VerifyingKey {
    requireBytes(der, "der");
    return new VerifyingKey(der);
  }

  /** Reads the public key of a PEM file that holds one, or a certificate with one. */
  static fromPem(pem: string): VerifyingKey {
    if (typeof pem !== "string") throw new TypeError("pem must be a string");
    if (pem.includes("PRIVATE KEY-----"))
      throw new CryptoError("INVALID_KEY", "this is a private key, not a public one");
    const key = parsed("public key or certificate", () =>
      pem.includes("-----BEGIN CERTIFICATE-----")
        ? new X509Certificate(pem).publicKey
        : createPublicKey(pem),
    );
    return new VerifyingKey(key.export({ type: "spki", format: "der" }));
  }

  /** The key as SubjectPublicKeyInfo in DER. */
  spki(): Uint8Array {
    const inner = alive(this.#inner, "key");
    return guarded(() => inner.toSpki());
  }

  /**
   * Whether the signature is this key's over the message. Without options the message is hashed
   * with the curve's hash and the signature is r ‖ s.
   */
  verify(message: Uint8Array, signature: Uint8Array, options: VerifyOptions = {}): boolean {
    alive(this.#inner, "key");
    const { hash = HASHES[this.curve], format = "p1363" } = options;
    requireBytes(message, "message");
    requireBytes(signature, "signature");
    requireFormat(format);
    if (hash !== "sha256" && hash !== "sha384") {
      throw new TypeError("hash must be sha256 or sha384");
    }
    const length = this.curve === "Secp384R1" ? 96 : 64;
    if (format === "p1363" && signature.length !== length) return false;
    const dsaEncoding = format === "der" ? "der" : "ieee-p1363";
    // node:crypto verifies in a quarter of the core's time, and nothing here is secret.
    return verify(hash, message, { key: this.#native, dsaEncoding }, signature);
  }

  /** Whether the signature is this key's over the digest as it is. */
  verifyDigest(digest: Uint8Array, signature: Uint8Array, format: SignatureFormat): boolean {
    const inner = alive(this.#inner, "key");
    requireDigest(digest, format);
    requireBytes(signature, "signature");
    return inner.verifyDigest(digest, signature, format === "der");
  }

  /** Frees the core's copy. */
  dispose(): void {
    this.#inner?.free();
    this.#inner = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function curveOf(key: { readonly isP384: boolean }): Curve {
  return key.isP384 ? "Secp384R1" : "Secp256R1";
}

function requireDigest(digest: Uint8Array, format: SignatureFormat): void {
  requireBytes(digest, "digest");
  if (!DIGEST_LENGTHS.includes(digest.length))
    throw new RangeError("digest must be 32, 48 or 64 bytes");
  requireFormat(format);
}

function requireFormat(format: SignatureFormat): void {
  if (!FORMATS.includes(format)) throw new TypeError("format must be p1363 or der");
}

function parsed(what: string, parse: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch (cause) {
    throw new CryptoError("INVALID_KEY", `this is not a ${what} that can be read`, { cause });
  }
  if (key.asymmetricKeyType !== "ec")
    throw new CryptoError("INVALID_KEY", `the ${what} is not one of an elliptic curve`);
  return key;
}
