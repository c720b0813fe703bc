// SPDX-License-Identifier: Apache-2.0

/** A snapshot and the transaction that gives evidence of it, as its file name tells. */
export interface SnapshotName {
  readonly seqno: number;
  readonly evidenceSeqno: number;
}

const NAME = /^snapshot_([1-9][0-9]{0,15})_([1-9][0-9]{0,15})\.committed$/;

/** The name under which a snapshot with its receipt is kept. */
export function snapshotFileName({ seqno, evidenceSeqno }: SnapshotName): string {
  return `snapshot_${seqno}_${evidenceSeqno}.committed`;
}

/** What a file name says; `undefined` for one that no snapshot with a receipt has. */
export function parseSnapshotFileName(name: string): SnapshotName | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const seqno = Number(match[1]);
  const evidenceSeqno = Number(match[2]);
  return evidenceSeqno > seqno && Number.isSafeInteger(evidenceSeqno)
    ? { seqno, evidenceSeqno }
    : undefined;
}
