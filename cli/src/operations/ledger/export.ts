// SPDX-License-Identifier: Apache-2.0
import { mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { GroupReader, StoredSnapshot } from "@consortium/ledger";

export interface LedgerExportResult {
  directory: string;
  files: { name: string; firstSeqno: string; lastSeqno: string; bytes: string; sha256: string }[];
  /** In the folder `snapshots` beside the files; the newest of the store is the last. */
  snapshots: { name: string; seqno: string; bytes: string }[];
  lastSeqno: string;
  /** After the last signature; they were not written. */
  unsignedEntries: string;
}

/** CCF's tools pass over folders in a ledger directory. */
const SNAPSHOTS_FOLDER = "snapshots";

const SNAPSHOTS_MAX = 10_000;

export interface LedgerExportRequest {
  databaseUrl: string;
  group: number;
  directory: string;
  onProgress?: (seqno: number) => void;
}

/** Writes the ledger of a group from the store as CCF's directory of chunk files, with its snapshots. */
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
  const snapshots = await exportSnapshots(reader, directory, written.lastSeqno);
  return {
    directory,
    files: written.files.map((file) => ({
      name: file.name,
      firstSeqno: String(file.firstSeqno),
      lastSeqno: String(file.lastSeqno),
      bytes: String(file.bytes),
      sha256: file.sha256,
    })),
    snapshots: snapshots.map(({ name, seqno, byteLength }) => ({
      name,
      seqno: String(seqno),
      bytes: String(byteLength),
    })),
    lastSeqno: String(written.lastSeqno),
    unsignedEntries: String(written.unsignedEntries),
  };
}

/** Those whose evidence is among what was written, oldest first. */
async function exportSnapshots(
  reader: GroupReader,
  directory: string,
  lastSeqno: number,
): Promise<(StoredSnapshot & { name: string })[]> {
  const { snapshotFileName } = await import("@consortium/ledger");
  const exported: (StoredSnapshot & { name: string })[] = [];
  for (const snapshot of (await reader.listSnapshots(SNAPSHOTS_MAX)).reverse()) {
    if (snapshot.evidenceSeqno > lastSeqno) continue;
    const name = snapshotFileName(snapshot);
    const path = join(directory, SNAPSHOTS_FOLDER, name);
    await mkdir(dirname(path), { recursive: true });
    // Under its name only when it is whole.
    await writeParts(`${path}.ignored`, reader.streamSnapshot(snapshot));
    await rename(`${path}.ignored`, path);
    exported.push({ ...snapshot, name });
  }
  return exported;
}

async function writeParts(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, "wx");
  for await (const part of parts) await file.writeFile(part);
  await file.sync();
}

async function* entriesOf(
  chunks: AsyncIterable<{ entries: Uint8Array }>,
): AsyncGenerator<Uint8Array> {
  for await (const { entries } of chunks) yield entries;
}
