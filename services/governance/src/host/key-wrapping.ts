// SPDX-License-Identifier: Apache-2.0
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { requireBuffer, requireText } from "./arguments.js";
import { GuestError, guestTypeError } from "./guest-error.js";
import type { HostFunctions } from "./host-function.js";
import { refuseInDecision } from "./signatures.js";

/** AES key wrap with padding (RFC 5649) starts from this alternative initial value. */
const KWP_IV = Buffer.from("a65959a6", "hex");
const AES_BITS: readonly unknown[] = [128, 192, 256];

export const keyWrapping: HostFunctions = {
  "crypto.wrapKey"([name, aesKeySize, labelHex], [key, wrappingKey], state) {
    const [secret, by] = [requireBuffer(key, "key"), requireBuffer(wrappingKey, "wrapping key")];
    const label = Buffer.from(requireText(labelHex, "label"), "hex");
    return attempt("wrap", () => {
      if (name === "AES-KWP") return aesWrap(secret, by);
      if (name === "RSA-OAEP") {
        refuseInDecision("wrap with RSA-OAEP", state);
        return rsaWrap(secret, by, label);
      }
      if (name !== "RSA-OAEP-AES-KWP") throw unsupported();
      refuseInDecision("wrap with RSA-OAEP-AES-KWP", state);
      const transport = randomBytes(requireAesBits(aesKeySize) / 8);
      return Buffer.concat([rsaWrap(transport, by, label), aesWrap(secret, transport)]);
    });
  },
  "crypto.unwrapKey"([name, , labelHex], [key, unwrappingKey]) {
    const [wrapped, by] = [
      requireBuffer(key, "key"),
      requireBuffer(unwrappingKey, "unwrapping key"),
    ];
    const label = Buffer.from(requireText(labelHex, "label"), "hex");
    return attempt("unwrap", () => {
      if (name === "AES-KWP") return aesUnwrap(wrapped, by);
      if (name === "RSA-OAEP") return rsaUnwrap(wrapped, by, label);
      if (name !== "RSA-OAEP-AES-KWP") throw unsupported();
      const modulusBytes = rsaBytes(by);
      const transport = rsaUnwrap(wrapped.subarray(0, modulusBytes), by, label);
      return aesUnwrap(wrapped.subarray(modulusBytes), transport);
    });
  },
};

export function requireAesBits(bits: unknown): number {
  if (typeof bits === "number" && AES_BITS.includes(bits)) return bits;
  throw new GuestError("RangeError", "AES key size must be 128, 192 or 256");
}

function unsupported(): GuestError {
  return guestTypeError(
    "Unsupported wrapping algorithm, supported: RSA-OAEP, AES-KWP, RSA-OAEP-AES-KWP",
  );
}

function attempt<T>(verb: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof GuestError) throw error;
    throw new GuestError("Error", `Failed to ${verb} the key`);
  }
}

function aesWrap(key: Uint8Array, by: Uint8Array): Buffer {
  const cipher = createCipheriv(`id-aes${requireAesBits(by.length * 8)}-wrap-pad`, by, KWP_IV);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

function aesUnwrap(wrapped: Uint8Array, by: Uint8Array): Buffer {
  const decipher = createDecipheriv(`id-aes${requireAesBits(by.length * 8)}-wrap-pad`, by, KWP_IV);
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
}

function rsaWrap(key: Uint8Array, pem: Uint8Array, label: Buffer): Buffer {
  return publicEncrypt({ key: text(pem), ...oaep(label) }, key);
}

function rsaUnwrap(wrapped: Uint8Array, pem: Uint8Array, label: Buffer): Buffer {
  return privateDecrypt({ key: text(pem), ...oaep(label) }, wrapped);
}

function oaep(label: Buffer): { padding: number; oaepHash: string; oaepLabel?: Buffer } {
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  return label.length === 0 ? padding : { ...padding, oaepLabel: label };
}

function rsaBytes(pem: Uint8Array): number {
  const bits = createPublicKey(text(pem)).asymmetricKeyDetails?.modulusLength;
  if (bits === undefined) throw guestTypeError("The unwrapping key is not an RSA key");
  return bits / 8;
}

function text(pem: Uint8Array): string {
  return Buffer.from(pem).toString("utf8");
}
