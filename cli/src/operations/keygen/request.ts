// SPDX-License-Identifier: Apache-2.0

export const CURVE_NAMES = ["secp384r1", "secp256r1"] as const;
export type Curve = (typeof CURVE_NAMES)[number];

export interface KeygenRequest {
  /** Of the participant; begins the names of the files. */
  name: string;
  curve: Curve;
  withEncryptionKey: boolean;
  directory: string;
}

export interface KeygenResult {
  name: string;
  curve: Curve;
  /** What a member or a user with this certificate is called on the ledger. */
  id: string;
  privateKey: string;
  certificate: string;
  encryptionPrivateKey: string | null;
  encryptionPublicKey: string | null;
}
