// SPDX-License-Identifier: Apache-2.0
import { connectWritable, type PostgresLog } from "@consortium/kit";
import type { Client } from "pg";

/** An answer that takes longer is given up with its connection, and looked up on the next one. */
const ANSWER_TIMEOUT_MS = 15_000;

/**
 * Acknowledged means on the disk, and on the synchronous standby if there is one, whatever the login's or the
 * server's default says. `remote_apply` is stricter still and stays.
 */
const DEMAND_DURABILITY = `
  select
    case current_setting('synchronous_commit')
      when 'remote_apply' then 'remote_apply'
      else set_config('synchronous_commit', 'on', false)
    end as synchronous_commit,
    current_setting('fsync')::boolean as fsync`;

/**
 * Opens the one connection on which a group is written: pipelined, so that a commit is sent while the ones
 * before it are under way.
 */
export async function openWriterConnection(url: string, log: PostgresLog): Promise<Client> {
  const client = await connectWritable({
    url,
    pipeline: true,
    applicationName: "ledger-writer",
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  });
  // NOTE: the server gives this warning when an administrator ends its wait for the synchronous standby. The
  // commit then counts as successful although the standby may not have it, so we look again.
  client.on("notice", (notice) => {
    if (notice.routine !== "SyncRepWaitForLSN") return;
    log.warn({ message: notice.message }, "a commit was not confirmed by the standby");
    client.connection.stream.destroy();
  });
  try {
    const { rows } = await client.query<{ fsync: boolean }>(DEMAND_DURABILITY);
    if (rows[0]?.fsync !== true) {
      log.warn({}, "the database runs with fsync off: a power cut loses what was acknowledged");
    }
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
