// SPDX-License-Identifier: Apache-2.0
export interface LedgerExportResult {
  directory: string;
  files: { name: string; firstSeqno: string; lastSeqno: string; bytes: string; sha256: string }[];
  lastSeqno: string;
  /** After the last signature; they were not written. */
  unsignedEntries: string;
}

export interface LedgerExportRequest {
  databaseUrl: string;
  group: number;
  directory: string;
  onProgress?: (seqno: number) => void;
}

/** Writes the ledger of a group from the store as CCF's directory of chunk files. */
export async function exportLedger(request: LedgerExportRequest): Promise<LedgerExportResult> {
  const { openGroupReader, writeLedgerDirectory } = await import("@consortium/ledger");
  const { databaseUrl: url, group, directory, onProgress } = request;
  await using reader = await openGroupReader({ url, group });
  const entries = entriesOf(reader.replay(1));
  const written = await writeLedgerDirectory(
    directory,
    entries,
    onProgress === undefined ? {} : { onProgress },
  );
  return {
    directory,
    files: written.files.map((file) => ({
      name: file.name,
      firstSeqno: String(file.firstSeqno),
      lastSeqno: String(file.lastSeqno),
      bytes: String(file.bytes),
      sha256: file.sha256,
    })),
    lastSeqno: String(written.lastSeqno),
    unsignedEntries: String(written.unsignedEntries),
  };
}

async function* entriesOf(
  chunks: AsyncIterable<{ entries: Uint8Array }>,
): AsyncGenerator<Uint8Array> {
  for await (const { entries } of chunks) yield entries;
}
