// SPDX-License-Identifier: Apache-2.0
import { isAppError } from "@consortium/kit/errors";
import type { KvReader } from "../kv/index.js";
import { readSnapshot, snapshotErrors, type ReadSnapshotOptions } from "../snapshot/index.js";
import type { GroupReader, StoredSnapshot } from "../store/index.js";
import { Replica, type ReplicaOptions } from "./replica.js";

export interface OpenReplicaOptions extends ReplicaOptions {
  /** Without it every snapshot is passed over: nobody could tell whose it is. */
  readonly serviceCertPem?: string | undefined;
  readonly endorsements?: ReadSnapshotOptions["endorsements"];
  /** See `ReadSnapshotOptions`: the place to unwrap secrets that the public maps hold. */
  readonly secretOf?: ReadSnapshotOptions["secretOf"];
  /**
   * Called before each attempt, with the public maps it begins from: those of a snapshot, which
   * nothing has proven yet, or none at seqno 0. What was gathered for an attempt before is to be forgotten.
   */
  readonly onBegin?: (seqno: number, publicMaps: KvReader) => void | Promise<void>;
  /** Snapshots of later seqnos are passed over: what the reader remembers must still come by. */
  readonly seqnoMax?: number | undefined;
  /** Larger snapshots are passed over. */
  readonly bytesMax?: number;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
  readonly signal?: AbortSignal;
}

/** As many are tried before the ledger is replayed from its start. */
const SNAPSHOTS_TRIED_MAX = 3;

/**
 * A replica that begins with the newest snapshot in the store that holds, and is fed until the ledger
 * has proven it; an empty one if there is none. What follows is fed as always, from `replica.seqno + 1`.
 * `onEntry` sees the entries after the snapshot: what came before is in `replica.kv`.
 *
 * @example
 * const replica = await openReplica(store, { serviceCertPem, secrets, secretOf, log });
 * for await (const { entries } of store.replay(replica.seqno + 1)) replica.feed(entries);
 */
export async function openReplica(
  reader: GroupReader,
  options: OpenReplicaOptions,
): Promise<Replica> {
  const { log, signal, onBegin } = options;
  for (const stored of await candidates(reader, options)) {
    try {
      const startedAt = performance.now();
      const replica = await fromSnapshot(reader, stored, options);
      const ms = Math.round(performance.now() - startedAt);
      log.info({ seqno: stored.seqno, bytes: stored.byteLength, ms }, "started from a snapshot");
      return replica;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isFaultOfSnapshot(error)) throw error;
      log.warn({ err: error, seqno: stored.seqno }, "a snapshot in the store cannot be used");
    }
  }
  const replica = new Replica(options);
  await onBegin?.(0, replica.kv.committed);
  return replica;
}

/** Newest first. */
async function candidates(
  reader: GroupReader,
  { serviceCertPem, seqnoMax = Infinity }: OpenReplicaOptions,
): Promise<StoredSnapshot[]> {
  if (serviceCertPem === undefined) return [];
  const stored = await reader.listSnapshots();
  return stored.filter(({ seqno }) => seqno <= seqnoMax).slice(0, SNAPSHOTS_TRIED_MAX);
}

async function fromSnapshot(
  reader: GroupReader,
  stored: StoredSnapshot,
  options: OpenReplicaOptions,
): Promise<Replica> {
  const { signal, bytesMax, serviceCertPem, endorsements, secretOf, onBegin } = options;
  const bytes = await reader.loadSnapshot(stored, {
    ...(bytesMax !== undefined && { bytesMax }),
    ...(signal && { signal }),
  });
  const snapshot = await readSnapshot(bytes, {
    serviceCertPem,
    expected: stored,
    ...(endorsements && { endorsements }),
    ...(secretOf && {
      secretOf: async (seqno: number, publicMaps: KvReader) => {
        await onBegin?.(seqno, publicMaps);
        return secretOf(seqno, publicMaps);
      },
    }),
    ...(signal && { signal }),
  });
  if (secretOf === undefined) await onBegin?.(snapshot.seqno, snapshot.kv.committed);
  const replica = Replica.fromSnapshot(snapshot, options);
  for await (const { entries } of reader.replay(replica.seqno + 1, signal)) {
    replica.feed(entries);
    if (!replica.awaitsEvidence) return replica;
  }
  throw snapshotErrors(
    "SNAPSHOT_NOT_PROVEN",
    `the ledger ends before transaction ${snapshot.receipt.transactionId}, which proves the snapshot`,
    { hint: "the store was rolled back: restore the newest copy of the database" },
  );
}

/** Then an older one may do, or the ledger itself. A secret that is missing would be missed there too. */
function isFaultOfSnapshot(error: unknown): boolean {
  if (!isAppError(error) || error.code === "SNAPSHOT_SECRET_MISSING") return false;
  return error.category === "data_loss" || error.code.startsWith("SNAPSHOT_");
}
