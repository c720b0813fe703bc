// SPDX-License-Identifier: Apache-2.0
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { kitErrors } from "../errors/kit-errors.js";
import { toPem } from "./pem.js";

/** The curves of identities, under the names of CCF's configuration. */
export type EcCurve = "Secp256R1" | "Secp384R1";

interface CurveFacts {
  openssl: string;
  hash: "sha256" | "sha384";
  /** DER of the OID, the content of an `EC PARAMETERS` block. */
  parameters: string;
}

const CURVES: Readonly<Record<EcCurve, CurveFacts>> = {
  Secp256R1: { openssl: "prime256v1", hash: "sha256", parameters: "06082a8648ce3d030107" },
  Secp384R1: { openssl: "secp384r1", hash: "sha384", parameters: "06052b81040022" },
};

/** A fresh private key as PKCS#8 PEM, the form our services keep. */
export function generateEcKeyPem(curve: EcCurve = "Secp384R1"): string {
  return generateEcKey(curve).export({ type: "pkcs8", format: "pem" }).toString();
}

/**
 * A fresh private key as `keygenerator.sh` writes it for members and users: an `EC PARAMETERS` block
 * followed by the SEC1 `EC PRIVATE KEY`.
 */
export function generateEcKeySec1Pem(curve: EcCurve = "Secp384R1"): string {
  const parameters = toPem("EC PARAMETERS", Buffer.from(CURVES[curve].parameters, "hex"));
  return parameters + generateEcKey(curve).export({ type: "sec1", format: "pem" }).toString();
}

/** A fresh RSA 2048 pair: PKCS#8 and SPKI, the encryption key of a member. */
export function generateRsaKeyPem(): { privateKeyPem: string; publicKeyPem: string } {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    privateKeyPem: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKeyPem: pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** Reads an EC private key from any PEM form, a leading `EC PARAMETERS` block included. */
export function readEcPrivateKey(pem: string): { key: KeyObject; curve: EcCurve } {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw kitErrors("KEY_INVALID", "this is not a private key in PEM", { cause });
  }
  return { key, curve: curveOf(key) };
}

/** The curve of an EC key of ours. */
export function curveOf(key: KeyObject): EcCurve {
  const name = key.asymmetricKeyDetails?.namedCurve;
  for (const curve of ["Secp256R1", "Secp384R1"] as const) {
    if (CURVES[curve].openssl === name) return curve;
  }
  throw kitErrors("KEY_INVALID", "the key is not on P-256 or P-384", {
    details: {
      type: key.asymmetricKeyType ?? "unknown",
      ...(name === undefined ? {} : { curve: name }),
    },
  });
}

/** The hash that goes with a curve in certificates: P-256 with SHA-256, P-384 with SHA-384. */
export function hashOfCurve(curve: EcCurve): "sha256" | "sha384" {
  return CURVES[curve].hash;
}

/** SubjectPublicKeyInfo in DER of a PEM key (private or public) or certificate. */
export function publicKeySpki(pem: string): Buffer {
  try {
    return createPublicKey(pem).export({ type: "spki", format: "der" });
  } catch (cause) {
    throw kitErrors("KEY_INVALID", "this is not a key or certificate in PEM", { cause });
  }
}

/** The node id of a key: hex SHA-256 of its SubjectPublicKeyInfo. */
export function nodeIdOfSpki(spki: Uint8Array): string {
  return createHash("sha256").update(spki).digest("hex");
}

function generateEcKey(curve: EcCurve): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: CURVES[curve].openssl }).privateKey;
}
