// SPDX-License-Identifier: Apache-2.0
import { createECDH, createPrivateKey } from "node:crypto";

/** The curve of a service identity: 48-byte scalars fit into one RSA-OAEP block. */
const CURVE = { jwk: "P-384", openssl: "secp384r1", bytes: 48 } as const;

/** The private scalar of a P-384 key in PEM. */
export function scalarOfKey(privateKeyPem: string): Uint8Array {
  const { d } = createPrivateKey(privateKeyPem).export({ format: "jwk" });
  return Buffer.from(d ?? "", "base64url");
}

/** The P-384 key of a private scalar, as PKCS#8 PEM. */
export function keyOfScalar(scalar: Uint8Array): string {
  const ecdh = createECDH(CURVE.openssl);
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const coordinate = (from: number): string =>
    point.subarray(from, from + CURVE.bytes).toString("base64url");
  const jwk = {
    kty: "EC",
    crv: CURVE.jwk,
    d: Buffer.from(scalar).toString("base64url"),
    x: coordinate(1),
    y: coordinate(1 + CURVE.bytes),
  };
  return createPrivateKey({ key: jwk, format: "jwk" })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}
