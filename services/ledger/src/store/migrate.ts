// SPDX-License-Identifier: Apache-2.0
import { connectWritable, type PostgresLog, silentLog } from "@consortium/kit";
import type { Client } from "pg";
import { storeErrors } from "./errors.js";
import { type Migration, readMigrations } from "./migrations.js";
import { tooNew } from "./schema.js";
import { toStoreError } from "./store-error.js";

export interface MigrateOptions {
  /** Connection string of the owner of the database. */
  adminUrl: string;
  log?: PostgresLog;
  /** Where the migrations lie, by default those of this package. */
  folder?: string;
}

/** Any number will do, as long as everybody who migrates takes the same. */
const LOCK = 4_727_001;

const PREPARE = `
  create schema if not exists ledger;
  create table if not exists ledger.migration (
    version integer primary key,
    name text not null,
    digest text not null,
    applied_at timestamptz not null default now()
  );`;

/**
 * Brings the ledger schema up to this version, each migration in a transaction of its own. Several processes
 * may do so at once; those that come later find nothing to do. Returns the numbers that were applied.
 */
export async function migrate({ adminUrl, log, folder }: MigrateOptions): Promise<number[]> {
  const migrations = await readMigrations(folder);
  const client = await connectWritable({
    url: adminUrl,
    applicationName: "ledger-migrate",
    statementTimeoutMs: 0,
  });
  try {
    // Held by the session, so that it is given back however this ends.
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    await client.query(PREPARE);
    const pending = await findPending(client, migrations);
    for (const migration of pending) {
      await apply(client, migration);
      (log ?? silentLog).info(
        { version: migration.version, name: migration.name },
        "ledger schema migrated",
      );
    }
    return pending.map(({ version }) => version);
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end();
  }
}

async function findPending(client: Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ version: number; digest: string }>(
    "select version, digest from ledger.migration order by version",
  );
  for (const { version, digest } of rows) {
    const known = migrations[version - 1];
    if (known === undefined) throw tooNew(version);
    if (known.digest === digest) continue;
    throw storeErrors(
      "SCHEMA_CHANGED",
      `migration ${version} in the database is not the one of this software`,
      {
        hint: "An applied migration must not be edited: write a new one.",
      },
    );
  }
  return migrations.slice(rows.length);
}

async function apply(client: Client, { version, name, sql, digest }: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query("insert into ledger.migration (version, name, digest) values ($1, $2, $3)", [
      version,
      name,
      digest,
    ]);
    await client.query(sql);
    const { command } = await client.query("commit");
    if (command !== "COMMIT") throw new Error(`migration ${version} was rolled back`);
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
