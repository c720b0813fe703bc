// SPDX-License-Identifier: Apache-2.0
import type pg from "pg";
import { isConnectionError } from "./connection-error.js";
import { postgresErrors } from "./errors.js";
import { withClient } from "./pool.js";

/**
 * Runs `work` in one transaction on one connection. If `work` throws, nothing of it remains.
 *
 * PostgreSQL answers COMMIT of a failed transaction with the tag ROLLBACK and no error, so the tag is
 * checked. A COMMIT without an answer is `DATABASE_COMMIT_UNKNOWN`: it may have happened.
 *
 * @example
 * await inTransaction(pool, async (client) => {
 *   await client.query("insert into t values (1)");
 * });
 */
export function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  return withClient(pool, async (client) => {
    await client.query("begin");
    let result: Result;
    try {
      result = await work(client);
    } catch (error) {
      // If this fails too, the connection is broken and the server rolls back by itself.
      await client.query("rollback").catch(() => undefined);
      throw error;
    }
    await commit(client);
    return result;
  });
}

async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query("commit").catch((cause: unknown) => {
    if (!isConnectionError(cause)) throw cause;
    throw postgresErrors(
      "DATABASE_COMMIT_UNKNOWN",
      "the connection broke while a commit was under way",
      {
        hint: "Read back whether it happened before trying again.",
        cause,
      },
    );
  });
  if (command === "COMMIT") return;
  throw postgresErrors(
    "DATABASE_TRANSACTION_ROLLED_BACK",
    "the database rolled the transaction back",
    {
      hint: "An earlier statement of the transaction failed and its error was not passed on.",
    },
  );
}
