// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, verify, X509Certificate } from "node:crypto";
import { coseSigStructure } from "@consortium/crypto-wasm";
import type { CoseAlgorithm } from "./protected-header.js";
import type { SignedRequest } from "./signed-request.js";

interface Scheme {
  readonly hash: string;
  /** As OpenSSL names the curve. */
  readonly curve: string;
  readonly signatureBytes: number;
}

const SCHEMES: Readonly<Record<CoseAlgorithm, Scheme>> = {
  [-7]: { hash: "sha256", curve: "prime256v1", signatureBytes: 64 },
  [-35]: { hash: "sha384", curve: "secp384r1", signatureBytes: 96 },
  [-36]: { hash: "sha512", curve: "secp521r1", signatureBytes: 132 },
};
const CACHED_KEYS_MAX = 1_024;

/** Verifies signatures with the keys of members, which are parsed once for each certificate. */
export class MemberKeys {
  readonly #keys = new Map<string, KeyObject>();

  /**
   * Whether the request is signed by the key of the certificate, whose dates do not count. Done by
   * node:crypto: nothing is secret here, and it knows P-521, which members may use.
   */
  verify(request: SignedRequest, certificatePem: string): boolean {
    const scheme = SCHEMES[request.header.algorithm];
    const key = this.#keyOf(certificatePem);
    if (key?.asymmetricKeyType !== "ec") return false;
    if (key.asymmetricKeyDetails?.namedCurve !== scheme.curve) return false;
    if (request.message.signature.length !== scheme.signatureBytes) return false;
    return verify(
      scheme.hash,
      coseSigStructure(request.message.protectedHeader, request.payload),
      { key, dsaEncoding: "ieee-p1363" },
      request.message.signature,
    );
  }

  #keyOf(certificatePem: string): KeyObject | undefined {
    const cached = this.#keys.get(certificatePem);
    if (cached !== undefined) return cached;
    let key: KeyObject;
    try {
      key = new X509Certificate(certificatePem).publicKey;
    } catch {
      return undefined;
    }
    if (this.#keys.size >= CACHED_KEYS_MAX) this.#keys.clear();
    this.#keys.set(certificatePem, key);
    return key;
  }
}
