// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { VerifyingKey } from "@consortium/crypto-wasm";
import { publicKeySpki } from "@consortium/kit/x509";
import { signatureErrors } from "./errors.js";

/** A public key ready to verify with, and the names it is known by. */
export interface PublicKey {
  readonly spki: Uint8Array;
  /** Lower-case hex SHA-256 of `spki`: a node's id, and the `kid` of a service. */
  readonly id: string;
  readonly verifyingKey: VerifyingKey;
}

const KEYS_KEPT_MAX = 256;
const known = new Map<string, PublicKey>();

/**
 * The key of a certificate or of a public key in PEM. A ledger names the same few certificates
 * thousands of times, so keys are kept.
 */
export function readPublicKey(pem: string): PublicKey {
  const kept = known.get(pem);
  if (kept !== undefined) return kept;
  let key: PublicKey;
  try {
    key = publicKeyFromSpki(publicKeySpki(pem));
  } catch (cause) {
    throw signatureErrors("KEY_UNREADABLE", "this is not a certificate or key on P-256 or P-384", {
      cause,
    });
  }
  if (known.size >= KEYS_KEPT_MAX) known.clear();
  known.set(pem, key);
  return key;
}

/** The key of a SubjectPublicKeyInfo in DER. */
export function publicKeyFromSpki(spki: Uint8Array): PublicKey {
  const id = createHash("sha256").update(spki).digest("hex");
  return { spki, id, verifyingKey: VerifyingKey.fromSpki(spki) };
}
