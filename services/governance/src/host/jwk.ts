// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { requireObject, requireText } from "./arguments.js";
import { GuestError, guestTypeError } from "./guest-error.js";
import type { HostFunction, HostFunctions } from "./host-function.js";
import { parsePrivateKey, parsePublicKey } from "./signatures.js";

interface Family {
  readonly keyTypes: readonly string[];
  readonly kty: string;
  readonly members: readonly string[];
}
const EC: Family = { keyTypes: ["ec"], kty: "EC", members: ["crv", "x", "y", "d"] };
const RSA: Family = {
  keyTypes: ["rsa"],
  kty: "RSA",
  members: ["n", "e", "d", "p", "q", "dp", "dq", "qi"],
};
const EDDSA: Family = { keyTypes: ["ed25519", "x25519"], kty: "OKP", members: ["crv", "x", "d"] };

/** Between PEM and JSON Web Keys, each function for one family and one half of a key pair. */
export const jwkConversions: HostFunctions = {
  "crypto.pubPemToJwk": toJwk(EC, parsePublicKey),
  "crypto.pemToJwk": toJwk(EC, parsePrivateKey),
  "crypto.pubRsaPemToJwk": toJwk(RSA, parsePublicKey),
  "crypto.rsaPemToJwk": toJwk(RSA, parsePrivateKey),
  "crypto.pubEddsaPemToJwk": toJwk(EDDSA, parsePublicKey),
  "crypto.eddsaPemToJwk": toJwk(EDDSA, parsePrivateKey),
  "crypto.pubJwkToPem": toPem(EC, "public"),
  "crypto.jwkToPem": toPem(EC, "private"),
  "crypto.pubRsaJwkToPem": toPem(RSA, "public"),
  "crypto.rsaJwkToPem": toPem(RSA, "private"),
  "crypto.pubEddsaJwkToPem": toPem(EDDSA, "public"),
  "crypto.eddsaJwkToPem": toPem(EDDSA, "private"),
};

function toJwk(family: Family, parse: (pem: string) => KeyObject): HostFunction {
  return ([pem, kid]) => {
    const key = parse(requireText(pem, "pem"));
    if (!family.keyTypes.includes(key.asymmetricKeyType ?? "")) {
      throw guestTypeError(`The key is not of type ${family.kty}`);
    }
    const exported: JsonWebKey = key.export({ format: "jwk" });
    const jwk: Record<string, string> = { kty: family.kty };
    if (typeof kid === "string") jwk["kid"] = kid;
    for (const member of family.members) {
      const value = exported[member];
      if (typeof value === "string") jwk[member] = value;
    }
    return jwk;
  };
}

function toPem(family: Family, half: "public" | "private"): HostFunction {
  return ([value]) => {
    const jwk = requireObject(value, "jwk") as JsonWebKey;
    if (jwk.kty !== family.kty) throw guestTypeError(`The JWK must have kty ${family.kty}`);
    try {
      if (half === "private") {
        return createPrivateKey({ key: jwk, format: "jwk" }).export({
          type: "pkcs8",
          format: "pem",
        });
      }
      return createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
    } catch {
      throw new GuestError("Error", `Failed to parse the JWK as a ${half} key`);
    }
  };
}
