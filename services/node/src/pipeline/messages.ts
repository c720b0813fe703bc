// SPDX-License-Identifier: Apache-2.0

/** What the sealer holds for one view: the keys that sign, the tree so far, the secret in force. */
export interface SealerSetup {
  readonly nodeId: string;
  readonly nodePrivateKeyPem: string;
  readonly nodeCertificatePem: string;
  readonly servicePrivateKeyPem: string;
  /** CWT issuer and subject of the COSE signatures. */
  readonly issuer: string;
  readonly subject: string;
  /** 32 bytes. */
  readonly ledgerSecret: Uint8Array;
  /** The serialised Merkle tree over everything before the next entry; empty for a new ledger. */
  readonly tree: Uint8Array;
}

/** A new view begins: whatever was held before is forgotten. */
export interface BeginRequest {
  readonly kind: "begin";
  readonly setup: SealerSetup;
}

/** Transactions to seal and sign as one chunk. */
export interface SealRequest {
  readonly kind: "seal";
  readonly view: number;
  readonly firstSeqno: number;
  readonly count: number;
  /** Packed as `packBatch` does; transferred. */
  readonly batch: Uint8Array;
  /** The ledger secret from the signature transaction on, after a rekey. */
  readonly nextSecret: Uint8Array | null;
  /** Closes the ledger file at this chunk's signature. */
  readonly endsFile: boolean;
}

/** A new certificate of the node, named in the signatures from now on. */
export interface CertificateUpdate {
  readonly kind: "certificate";
  readonly nodeCertificatePem: string;
}

export type SealerRequest = BeginRequest | SealRequest | CertificateUpdate;

/** A chunk that is ready to be stored. */
export interface SealedChunk {
  readonly firstSeqno: number;
  /** The seqno of the signature transaction. */
  readonly lastSeqno: number;
  /** The Merkle root over every entry up to the last one: what a follower has to find too. */
  readonly root: Uint8Array;
  /** All entries, one after the other; transferred. */
  readonly entries: Uint8Array;
  /** The public map records of the signature transaction. */
  readonly signatureMaps: Uint8Array;
}

export type SealerAnswer =
  | { readonly ok: true; readonly chunk: SealedChunk }
  | { readonly ok: false; readonly message: string };
