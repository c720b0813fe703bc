// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectWritable, startEmbeddedPostgres, withLogin } from "@consortium/kit";
import { migrate } from "../migrate.js";
import { readMigrations } from "../migrations.js";
import { defaultRoles, ensureServiceRoles, type ServiceName } from "../roles.js";

/** A database of its own, with the ledger schema and logins, on a real server. */
export interface TestDatabase extends AsyncDisposable {
  /** The owner's connection string. */
  adminUrl: string;
  /** Connection strings of the services' logins. */
  urls: Record<ServiceName, string>;
  /** Name of a service's login. */
  roles: Record<ServiceName, string>;
  stop(): Promise<void>;
}

interface Server {
  adminUrl: string;
  databases: number;
  stopped: boolean;
  stop(): Promise<void>;
}

/** One server for all tests of a process. It ends soon after its last database. */
let server: Promise<Server> | undefined;

/**
 * Makes a database from a template that is migrated once. The server is the one that `TEST_DATABASE_URL`
 * names, or an embedded one that is started for this process and thrown away with it.
 *
 * @example
 * const database = await startTestDatabase();
 * after(() => database.stop());
 */
export async function startTestDatabase(): Promise<TestDatabase> {
  const running = await (server ??= startServer());
  running.databases += 1;
  const name = `test_${randomBytes(6).toString("hex")}`;
  const url = await createDatabase(running.adminUrl, name);
  const asked = defaultRoles(name);
  const urls = await ensureServiceRoles(url, asked);
  const roles = Object.fromEntries(
    Object.entries(asked).map(([service, { role }]) => [service, role]),
  ) as Record<ServiceName, string>;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= dropDatabase(running, name, Object.values(roles)));
  return { adminUrl: url, urls, roles, stop, [Symbol.asyncDispose]: stop };
}

async function startServer(): Promise<Server> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given)
    return { adminUrl: given, databases: 0, stopped: false, stop: () => Promise.resolve() };
  const dataDirectory = await mkdtemp(path.join(tmpdir(), "ledger-test-"));
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    // Tests do not cut the power.
    settings: { fsync: "off", full_page_writes: "off" },
  });
  // A runner that has no patience left ends us by a signal, which must end the server too.
  const end = (): void => process.exit(1);
  process.once("SIGTERM", end);
  const stop = async (): Promise<void> => {
    process.off("SIGTERM", end);
    await postgres.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  };
  return { adminUrl: postgres.adminUrl, databases: 0, stopped: false, stop };
}

const LINGER_MS = 250;
const LOCK = 4_727_003;

async function createDatabase(adminUrl: string, name: string): Promise<string> {
  const client = await connectWritable({ url: adminUrl, statementTimeoutMs: 120_000 });
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    const template = await templateName();
    const { rowCount } = await client.query("select from pg_database where datname = $1", [
      template,
    ]);
    if (rowCount === 0) {
      const staging = `${template}_new`;
      await client.query(`drop database if exists ${staging} with (force)`);
      await client.query(`create database ${staging}`);
      await migrate({ adminUrl: withLogin(adminUrl, { database: staging }) });
      await client.query(`alter database ${staging} rename to ${template}`);
    }
    await client.query(`create database ${name} template ${template}`);
    return withLogin(adminUrl, { database: name });
  } finally {
    await client.end();
  }
}

/** Named by what is in it, so that a shared server never hands out an outdated schema. */
async function templateName(): Promise<string> {
  const hash = createHash("sha256");
  for (const { digest } of await readMigrations()) hash.update(digest);
  return `ledger_template_${hash.digest("hex").slice(0, 16)}`;
}

async function dropDatabase(
  running: Server,
  name: string,
  roles: readonly string[],
): Promise<void> {
  const client = await connectWritable({ url: running.adminUrl });
  try {
    await client.query(`drop database if exists ${name} with (force)`);
    for (const role of roles) await client.query(`drop role if exists ${role}`);
  } finally {
    await client.end();
  }
  running.databases -= 1;
  // The next test most likely wants a database too.
  if (running.databases === 0) setTimeout(() => void stopIfUnused(running), LINGER_MS);
}

async function stopIfUnused(running: Server): Promise<void> {
  if (running.databases > 0 || running.stopped) return;
  running.stopped = true;
  server = undefined;
  await running.stop();
}
