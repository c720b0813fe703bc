// SPDX-License-Identifier: Apache-2.0
import { SINGLETON_KEY, type WriteSet } from "../kv/types.js";
import * as internal from "../tables/internal-rows.js";
import { encodeHex } from "../tables/json.js";
import { TABLES } from "../tables/names.js";
import { snapshotFileName, type SnapshotName } from "./file-name.js";
import type { SnapshotDraft } from "./take-snapshot.js";
import { verifySnapshotReceipt } from "./verify-receipt.js";

/** What gives evidence of a snapshot: to be executed as a transaction with this claims digest. */
export interface SnapshotEvidence {
  readonly writes: WriteSet;
  readonly claimsDigest: Uint8Array;
}

/** A snapshot with its receipt, which anyone with the service's certificate can verify. */
export interface FinishedSnapshot extends SnapshotName {
  /** Of the file: `snapshot_<seqno>_<evidence seqno>.committed`. */
  readonly name: string;
  readonly parts: readonly Uint8Array[];
  readonly byteLength: number;
}

/**
 * The transaction that puts the digest of a snapshot on the ledger.
 *
 * @example
 * const { writes, claimsDigest } = snapshotEvidence(draft);
 */
export function snapshotEvidence({ seqno, digest }: SnapshotDraft): SnapshotEvidence {
  const row = internal.snapshotEvidence.encode({ hash: encodeHex(digest), version: seqno });
  return {
    writes: new Map([[TABLES.snapshotEvidence, new Map([[SINGLETON_KEY, row]])]]),
    claimsDigest: digest,
  };
}

/**
 * Appends the COSE receipt of the evidence transaction, once that is committed. The receipt is
 * verified first: a snapshot that nobody could use is never kept.
 *
 * @example
 * const receipt = buildCoseReceipt({ entry, signatureEntry, commitEvidence });
 * const { name, parts } = finishSnapshot(draft, receipt, serviceCertPem);
 */
export function finishSnapshot(
  draft: SnapshotDraft,
  receipt: Uint8Array,
  serviceCertPem: string,
): FinishedSnapshot {
  const { seqno, parts, byteLength } = draft;
  const { seqno: evidenceSeqno } = verifySnapshotReceipt(receipt, draft, { serviceCertPem });
  return {
    seqno,
    evidenceSeqno,
    name: snapshotFileName({ seqno, evidenceSeqno }),
    parts: [...parts, receipt],
    byteLength: byteLength + receipt.length,
  };
}
