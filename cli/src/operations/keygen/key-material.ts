// SPDX-License-Identifier: Apache-2.0
import { generateKeyPair, type KeyObject, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { participantCertificate, type SignatureHash } from "./participant-certificate.js";
import type { Curve } from "./request.js";

const generate = promisify(generateKeyPair);

interface CurveFacts {
  openssl: string;
  hash: SignatureHash;
  /** The object identifier in DER: `openssl ecparam` writes it before the key. */
  parametersHex: string;
}

const CURVES: Readonly<Record<Curve, CurveFacts>> = {
  secp384r1: { openssl: "secp384r1", hash: "sha384", parametersHex: "06052b81040022" },
  secp256r1: { openssl: "prime256v1", hash: "sha256", parametersHex: "06082a8648ce3d030107" },
};

const RSA_BITS = 2048;

/** An EC key as `openssl ecparam -genkey` writes it, and its self-signed certificate. */
export async function generateIdentity(
  name: string,
  curve: Curve,
): Promise<{ privateKeyPem: string; certificate: X509Certificate }> {
  const { openssl, hash } = CURVES[curve];
  const { privateKey } = await generate("ec", { namedCurve: openssl });
  const certificate = new X509Certificate(participantCertificate(name, privateKey, hash));
  return { privateKeyPem: sec1WithParameters(privateKey, curve), certificate };
}

/** An RSA key pair to which recovery shares are encrypted. */
export async function generateEncryptionKey(): Promise<{
  privateKeyPem: string;
  publicKeyPem: string;
}> {
  const { privateKey, publicKey } = await generate("rsa", { modulusLength: RSA_BITS });
  return {
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

function sec1WithParameters(key: KeyObject, curve: Curve): string {
  const parameters = Buffer.from(CURVES[curve].parametersHex, "hex").toString("base64");
  const block = `-----BEGIN EC PARAMETERS-----\n${parameters}\n-----END EC PARAMETERS-----\n`;
  return block + key.export({ type: "sec1", format: "pem" }).toString();
}
