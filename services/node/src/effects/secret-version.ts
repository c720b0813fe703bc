// SPDX-License-Identifier: Apache-2.0

/** A ledger secret and where its predecessor was stored. */
export interface SecretVersion {
  /** The first seqno it encrypts. */
  readonly version: number;
  /** 32 bytes. */
  readonly raw: Uint8Array;
  /** The seqno of the row that holds the previous secret wrapped by this one. */
  readonly previousSecretStoredVersion?: number;
}

/** What a trusted ledger node is given. */
export interface NodeSecrets {
  /** The private scalar of the service key. */
  readonly serviceKeyScalar: Uint8Array;
  readonly secrets: readonly SecretVersion[];
}
