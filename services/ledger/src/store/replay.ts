// SPDX-License-Identifier: Apache-2.0
import { isConnectionError, type PostgresLog } from "@consortium/kit";
import { Backoff } from "./backoff.js";
import type { StoredChunk } from "./copy-parser.js";
import { copyRows } from "./copy-rows.js";
import { storeErrors } from "./errors.js";
import { requireInteger } from "./seqno.js";
import { toStoreError } from "./store-error.js";

export interface ReplayOptions {
  url: string;
  group: number;
  /** The first chunk is the one that holds this seqno. */
  fromSeqno: number;
  log: PostgresLog;
  signal: AbortSignal;
}

/** A database that has been silent for so long while it was read is reported to the caller. */
const PATIENCE_MS = 15_000;

/**
 * All chunks from a seqno on, in order and without a gap, up to the head at the time of the call or a little
 * later. A connection that breaks is replaced, and the replay goes on where it was.
 */
export async function* replay(
  options: ReplayOptions,
): AsyncGenerator<StoredChunk, void, undefined> {
  const { signal, log } = options;
  let next = requireInteger(options.fromSeqno, "fromSeqno", 1);
  let previous: StoredChunk | undefined;
  let goodUntil = Date.now() + PATIENCE_MS;
  const backoff = new Backoff();
  for (;;) {
    signal.throwIfAborted();
    try {
      const statement = copyStatement(options.group, next);
      const { url } = options;
      const applicationName = "ledger-replay";
      for await (const chunk of copyRows({ url, applicationName, statement, signal })) {
        requireSuccessor(previous, chunk, next);
        previous = { ...chunk, entries: Buffer.alloc(0) };
        next = chunk.lastSeqno + 1;
        goodUntil = Date.now() + PATIENCE_MS;
        backoff.reset();
        yield chunk;
        signal.throwIfAborted();
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectionError(error) || Date.now() > goodUntil) throw toStoreError(error);
      log.warn({ error, next }, "the connection broke during a replay; going on");
      await backoff.pause(signal);
    }
  }
}

/** COPY takes no parameters, so the numbers are checked and written into it. */
function copyStatement(group: number, fromSeqno: number): string {
  const groupId = requireInteger(group, "group", 0);
  const from = requireInteger(fromSeqno, "fromSeqno", 1);
  return `
    copy (
      select
        first_seqno,
        last_seqno,
        view,
        entries
      from ledger.chunk
      where group_id = ${groupId}
        and first_seqno >= coalesce(
          (
            select first_seqno
            from ledger.chunk
            where group_id = ${groupId}
              and first_seqno <= ${from}
            order by first_seqno desc
            limit 1
          ),
          ${from}
        )
        and last_seqno >= ${from}
      order by first_seqno
    ) to stdout (format binary)`;
}

/** The keys of the table make this so; a database that was tampered with may answer otherwise. */
function requireSuccessor(
  previous: StoredChunk | undefined,
  chunk: StoredChunk,
  next: number,
): void {
  const { firstSeqno, lastSeqno, view } = chunk;
  const follows =
    previous === undefined
      ? firstSeqno <= next && lastSeqno >= next
      : firstSeqno === next && lastSeqno >= next;
  if (follows && view >= (previous?.view ?? 2)) return;
  throw storeErrors(
    "STORE_INCONSISTENT",
    `the ledger store has chunk ${firstSeqno} to ${lastSeqno} of view ${view} where seqno ${next} must follow`,
    {
      hint: "Somebody has changed the database. Restore it, or recover the service from a backup.",
    },
  );
}
