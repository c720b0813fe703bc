// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, verify } from "node:crypto";

interface CoseAlgorithm {
  readonly name: string;
  readonly hash: "sha256" | "sha384" | "sha512";
  /** The curve that goes with it; absent for RSASSA-PSS. */
  readonly curve?: string;
}

/** Algorithms of UVM endorsements by their COSE numbers (RFC 8230, RFC 9053). */
const ALGORITHMS: ReadonlyMap<number, CoseAlgorithm> = new Map<number, CoseAlgorithm>([
  [-7, { name: "ES256", hash: "sha256", curve: "prime256v1" }],
  [-35, { name: "ES384", hash: "sha384", curve: "secp384r1" }],
  [-36, { name: "ES512", hash: "sha512", curve: "secp521r1" }],
  [-37, { name: "PS256", hash: "sha256" }],
  [-38, { name: "PS384", hash: "sha384" }],
  [-39, { name: "PS512", hash: "sha512" }],
]);

export function algorithmName(algorithm: number): string {
  return ALGORITHMS.get(algorithm)?.name ?? `algorithm ${algorithm}`;
}

/** Why the key did not sign this; `undefined` if it did. */
export function coseSignatureFault(
  key: KeyObject,
  algorithm: number,
  { signed, signature }: { signed: Uint8Array; signature: Uint8Array },
): string | undefined {
  const known = ALGORITHMS.get(algorithm);
  if (known === undefined) return `${algorithmName(algorithm)} is not accepted`;
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  const fits =
    known.curve === undefined
      ? asymmetricKeyType === "rsa" || asymmetricKeyType === "rsa-pss"
      : asymmetricKeyDetails?.namedCurve === known.curve;
  if (!fits) return `the key is not one for ${known.name}`;
  const how =
    known.curve === undefined
      ? {
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        }
      : { key, dsaEncoding: "ieee-p1363" as const };
  return verify(known.hash, signed, how, signature) ? undefined : "the signature is not the key's";
}
