// SPDX-License-Identifier: Apache-2.0
import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { requireText } from "./arguments.js";
import { GuestError, guestTypeError } from "./guest-error.js";
import type { HostFunctions } from "./host-function.js";
import { requireAesBits } from "./key-wrapping.js";
import type { DeterministicRandom } from "./random.js";
import { refuseInDecision } from "./signatures.js";

/** PKCS#8 of a key that is 32 bytes: everything that stands before them. */
const EDDSA_PREFIX: Readonly<Record<string, string>> = {
  curve25519: "302e020100300506032b657004220420",
  x25519: "302e020100300506032b656e04220420",
};

interface Curve {
  readonly openssl: string;
  readonly jwk: string;
  readonly bytes: number;
}
const CURVES: Readonly<Record<string, Curve>> = {
  secp256r1: { openssl: "prime256v1", jwk: "P-256", bytes: 32 },
  secp256k1: { openssl: "secp256k1", jwk: "secp256k1", bytes: 32 },
  secp384r1: { openssl: "secp384r1", jwk: "P-384", bytes: 48 },
};
const RSA_BITS_MIN = 2048;
const RSA_BITS_MAX = 4096;

/** All but RSA are drawn from the request, so that they come out the same again. */
export const keyGeneration: HostFunctions = {
  "crypto.generateAesKey": ([bits], _, { random }) => random.bytes(requireAesBits(bits) / 8),
  "crypto.generateRsaKeyPair"([bits, exponent], _, state) {
    refuseInDecision("generate an RSA key", state);
    if (
      typeof bits !== "number" ||
      !Number.isInteger(bits) ||
      bits < RSA_BITS_MIN ||
      bits > RSA_BITS_MAX
    ) {
      throw new GuestError("RangeError", `RSA key size must be ${RSA_BITS_MIN} to ${RSA_BITS_MAX}`);
    }
    if (exponent !== undefined && exponent !== null && exponent !== 65537) {
      throw new GuestError("RangeError", "RSA exponent must be 65537");
    }
    return generateKeyPairSync("rsa", {
      modulusLength: bits,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }) as unknown as { privateKey: string; publicKey: string };
  },
  "crypto.generateEcdsaKeyPair"([name], _, { random }) {
    const curve = CURVES[requireText(name, "curve")];
    if (curve === undefined) {
      throw new GuestError(
        "RangeError",
        "Unsupported curve, supported: secp256r1, secp256k1, secp384r1",
      );
    }
    return ecKeyPair(curve, random);
  },
  "crypto.generateEddsaKeyPair"([name], _, { random }) {
    const prefix = EDDSA_PREFIX[requireText(name, "curve")];
    if (prefix === undefined) {
      throw new GuestError("RangeError", "Unsupported curve, supported: curve25519, x25519");
    }
    const der = Buffer.concat([Buffer.from(prefix, "hex"), random.bytes(32)]);
    return pemPair(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  },
};

function ecKeyPair(
  curve: Curve,
  random: DeterministicRandom,
): { privateKey: string; publicKey: string } {
  const ecdh = createECDH(curve.openssl);
  for (let attempt = 0; attempt < 128; attempt += 1) {
    const scalar = Buffer.from(random.bytes(curve.bytes));
    try {
      // Refuses zero and what is not below the order of the group.
      ecdh.setPrivateKey(scalar);
    } catch {
      continue;
    }
    const point = ecdh.getPublicKey();
    const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
    const jwk = {
      kty: "EC",
      crv: curve.jwk,
      x: x.toString("base64url"),
      y: y.toString("base64url"),
      d: scalar.toString("base64url"),
    };
    return pemPair(createPrivateKey({ key: jwk, format: "jwk" }));
  }
  throw guestTypeError("no key could be drawn");
}

function pemPair(key: ReturnType<typeof createPrivateKey>): {
  privateKey: string;
  publicKey: string;
} {
  return {
    privateKey: key.export({ type: "pkcs8", format: "pem" }) as string,
    publicKey: createPublicKey(key).export({ type: "spki", format: "pem" }) as string,
  };
}
