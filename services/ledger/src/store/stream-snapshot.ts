// SPDX-License-Identifier: Apache-2.0
import { isConnectionError, type PostgresLog } from "@consortium/kit";
import { Backoff } from "./backoff.js";
import { copyRows } from "./copy-rows.js";
import { storeErrors } from "./errors.js";
import { requireInteger } from "./seqno.js";
import type { StoredSnapshot } from "./snapshots.js";
import { toStoreError } from "./store-error.js";

export interface StreamOptions {
  readonly url: string;
  readonly group: number;
  readonly log: PostgresLog;
  readonly signal: AbortSignal;
}

/** A database that has been silent for so long while it was read is reported to the caller. */
const PATIENCE_MS = 15_000;

/** The parts of a snapshot in order. A connection that breaks is replaced, and the next part follows. */
export async function* streamSnapshot(
  { seqno, partCount }: StoredSnapshot,
  { url, group, log, signal }: StreamOptions,
): AsyncGenerator<Buffer, void, undefined> {
  let next = 0;
  let goodUntil = Date.now() + PATIENCE_MS;
  const backoff = new Backoff();
  while (next < partCount) {
    signal.throwIfAborted();
    try {
      const statement = copyStatement(group, seqno, next);
      for await (const { firstSeqno: position, entries } of copyRows({
        url,
        applicationName: "ledger-snapshot",
        statement,
        signal,
      })) {
        if (position !== next + 1) throw gone(seqno, next);
        next += 1;
        goodUntil = Date.now() + PATIENCE_MS;
        backoff.reset();
        yield entries;
        signal.throwIfAborted();
      }
      if (next < partCount) throw gone(seqno, next);
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectionError(error) || Date.now() > goodUntil) throw toStoreError(error);
      log.warn({ error, next }, "the connection broke while a snapshot was read; going on");
      await backoff.pause(signal);
    }
  }
}

/** COPY takes no parameters, so the numbers are checked and written into it. */
function copyStatement(group: number, seqno: number, fromIndex: number): string {
  return `
    copy (
      select
        part_index::bigint + 1,
        part_index::bigint + 1,
        seqno,
        bytes
      from ledger.snapshot_part
      where group_id = ${requireInteger(group, "group", 0)}
        and seqno = ${requireInteger(seqno, "seqno", 1)}
        and part_index >= ${requireInteger(fromIndex, "fromIndex", 0)}
      order by part_index
    ) to stdout (format binary)`;
}

function gone(seqno: number, index: number): Error {
  return storeErrors("SNAPSHOT_GONE", `part ${index} of snapshot ${seqno} is not in the store`, {
    hint: "An operator has deleted the snapshot: take the newest.",
  });
}
