// SPDX-License-Identifier: Apache-2.0
import * as z from "zod";
import { TABLES } from "./names.js";
import { base64, count, hexDigest, jsonRow, transactionId } from "./row-codec.js";

/** What the node that signs writes about the root (not in ledgers signed by COSE only). */
export const signatures = jsonRow(
  TABLES.signatures,
  z.looseObject({
    node: hexDigest,
    root: hexDigest,
    seqno: count,
    view: count,
    /** ECDSA in DER over the root taken as a SHA-256 digest. */
    sig: base64,
    cert: z.string().optional(),
    hashed_nonce: z.string().optional(),
    commit_seqno: count.optional(),
    commit_view: count.optional(),
  }),
);
export type SignatureRow = ReturnType<typeof signatures.decode>;

/** Base64 of the COSE_Sign1 that the service key made over the root. */
export const coseSignatures = jsonRow(TABLES.coseSignatures, base64);

export const recoveryShares = jsonRow(
  TABLES.recoveryShares,
  z.looseObject({
    /** Tag, IV and ciphertext of the latest ledger secret under the shared wrapping key. */
    wrapped_latest_ledger_secret: base64,
    /** By member id: the share, RSA-OAEP-SHA-256 to the member's key. */
    encrypted_shares: z.record(z.string(), base64),
    previous_secret_stored_version: count.optional(),
  }),
);
export type RecoveryShares = ReturnType<typeof recoveryShares.decode>;

export const sealedShares = jsonRow(
  TABLES.sealedShares,
  z.looseObject({
    wrapped_latest_ledger_secret: base64,
    encrypted_wrapping_keys: z.record(z.string(), base64),
    previous_secret_stored_version: count.optional(),
  }),
);
export type SealedShares = ReturnType<typeof sealedShares.decode>;

export const historicalEncryptedLedgerSecret = jsonRow(
  TABLES.historicalEncryptedLedgerSecret,
  z.looseObject({
    previous_ledger_secret: z
      .looseObject({
        /** Tag, IV and ciphertext of the older secret under the newer one. */
        encrypted_data: base64,
        version: count,
        previous_secret_stored_version: count.optional(),
      })
      .optional(),
    next_version: count.optional(),
  }),
);
export type HistoricalEncryptedLedgerSecret = ReturnType<
  typeof historicalEncryptedLedgerSecret.decode
>;

/** By node id: every secret that the node is given, RSA-OAEP-SHA-256 to the node's key. */
export const encryptedLedgerSecrets = jsonRow(
  TABLES.encryptedLedgerSecrets,
  z.record(
    z.string(),
    z.array(
      z.looseObject({
        version: count,
        encrypted_secret: base64,
        previous_secret_stored_version: count.optional(),
      }),
    ),
  ),
);
export type EncryptedLedgerSecrets = ReturnType<typeof encryptedLedgerSecrets.decode>;

/** A submitted share, encrypted with the ledger secret in force. */
export const encryptedSubmittedShares = jsonRow(TABLES.encryptedSubmittedShares, base64);

export const previousServiceIdentityEndorsement = jsonRow(
  TABLES.previousServiceIdentityEndorsement,
  z.looseObject({
    /** COSE_Sign1 by the endorsing key; its payload is the endorsed key (SPKI DER). */
    endorsement: base64,
    endorsing_key: base64,
    endorsement_epoch_begin: transactionId,
    endorsement_epoch_end: transactionId.optional(),
    previous_version: count.optional(),
  }),
);
export type PreviousServiceIdentityEndorsement = ReturnType<
  typeof previousServiceIdentityEndorsement.decode
>;

export const snapshotEvidence = jsonRow(
  TABLES.snapshotEvidence,
  z.looseObject({ hash: hexDigest, version: count }),
);
export type SnapshotEvidence = ReturnType<typeof snapshotEvidence.decode>;

export const snapshotStatus = jsonRow(
  TABLES.snapshotStatus,
  z.looseObject({ version: count, timestamp: z.number() }),
);

export const lastRecoveryType = jsonRow(
  TABLES.lastRecoveryType,
  z.enum(["None", "RECOVERY_SHARES", "LOCAL_UNSEALING"]),
);
