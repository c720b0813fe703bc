// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { chown, cp, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { connectWritable } from "./connect.js";
import { isConnectionError, sqlState } from "./connection-error.js";
import { freePort } from "./embedded/port.js";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded/start.js";
import { silentLog } from "./log.js";
import { createPool, withClient } from "./pool.js";
import { inTransaction } from "./transaction.js";
import { waitForPostgres } from "./wait.js";

let base: string;
let primary: EmbeddedPostgres;
let standby: EmbeddedPostgres;
before(async () => {
  base = await mkdtemp(path.join(tmpdir(), "pool-"));
  const [first, second] = [path.join(base, "primary"), path.join(base, "standby")];
  await (await startEmbeddedPostgres({ dataDirectory: first })).stop();
  await cp(first, second, { recursive: true, preserveTimestamps: true });
  await ownLike(path.join(first, "cluster"), path.join(second, "cluster"));
  await writeFile(path.join(second, "cluster", "standby.signal"), "");
  await rm(path.join(second, "port"));
  primary = await startEmbeddedPostgres({ dataDirectory: first });
  standby = await startStandby(second);
});
after(async () => {
  await primary.stop();
  await standby.stop();
  await rm(base, { recursive: true });
});

describe("a pool", () => {
  it("survives connections that break while they are idle and while they are used", async () => {
    const warnings: object[] = [];
    const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) };
    const pool = createPool({ url: primary.adminUrl, max: 2, log });
    await withClient(pool, (client) => client.query("select 1"));
    await killOthers();
    await until(() => pool.totalCount === 0);
    const reason = "terminating connection due to administrator command";
    assert.deepEqual(warnings, [{ code: "57P01", reason }]);
    await withClient(pool, (client) => client.query("select 1"));
    const broken = withClient(pool, async (client) => {
      await client.query("select 1");
      await killOthers();
      return client.query("select 2");
    });
    await assert.rejects(broken, isConnectionError);
    await withClient(pool, (client) => client.query("select 3"));
    await pool.end();
  });

  it("finds the writable host among several, whatever their order", async () => {
    const dead = `127.0.0.1:${await freePort()}`;
    const hosts = [dead, hostOf(standby), hostOf(primary)];
    for (const order of [hosts, hosts.toReversed()]) {
      const pool = createPool({ url: urlOf(order) });
      assert.equal(await withClient(pool, portOf), primary.port);
      await killOthers();
      await until(() => pool.totalCount === 0);
      assert.equal(await withClient(pool, portOf), primary.port);
      await pool.end();
    }
  });

  it("says that there is no writable host", async () => {
    const pool = createPool({ url: urlOf([hostOf(standby)]) });
    await assert.rejects(withClient(pool, portOf), {
      code: "DATABASE_UNAVAILABLE",
      message: /the server is a standby/,
    });
    await pool.end();
  });

  it("gives a connection back when its user fails", async () => {
    const pool = createPool({ url: primary.adminUrl, max: 1 });
    await assert.rejects(
      withClient(pool, () => Promise.reject(new TypeError("mine"))),
      TypeError,
    );
    await assert.rejects(
      withClient(pool, (client) => client.query("select 1/0")),
      (error) => {
        return sqlState(error) === "22012" && !isConnectionError(error);
      },
    );
    await withClient(pool, (client) => client.query("select 1"));
    await pool.end();
  });
});

describe("a connection to the writable host", () => {
  it("is not one to a standby or a dead host", async () => {
    const dead = `127.0.0.1:${await freePort()}`;
    const client = await connectWritable({ url: urlOf([dead, hostOf(standby), hostOf(primary)]) });
    assert.equal(await portOf(client), primary.port);
    await client.end();
    await assert.rejects(connectWritable({ url: urlOf([dead, hostOf(standby)]) }), {
      code: "DATABASE_UNAVAILABLE",
      message: /ECONNREFUSED.*; the server is a standby/,
    });
  });

  it("is refused with what is wrong", async () => {
    const url = new URL(primary.adminUrl);
    url.pathname = "/missing";
    await assert.rejects(connectWritable({ url: url.toString() }), {
      code: "DATABASE_LOGIN_REFUSED",
    });
    await assert.rejects(connectWritable({ url: "nonsense" }), { code: "DATABASE_URL_INVALID" });
  });

  it("is waited for, as long as was asked", async () => {
    const url = `postgres://a:b@127.0.0.1:${await freePort()}/x`;
    await assert.rejects(waitForPostgres({ url, timeoutMs: 100 }), {
      code: "DATABASE_UNAVAILABLE",
    });
    const waiting = waitForPostgres({ url, signal: AbortSignal.timeout(50) });
    await assert.rejects(waiting, { name: /AbortError|TimeoutError/ });
    await assert.rejects(waitForPostgres({ url: "nonsense" }), { code: "DATABASE_URL_INVALID" });
    await waitForPostgres({ url: primary.adminUrl });
  });
});

describe("a transaction", () => {
  let pool: pg.Pool;
  before(async () => {
    pool = createPool({ url: primary.adminUrl, max: 2 });
    await withClient(pool, (client) => client.query("create table t (a int primary key)"));
  });
  after(() => pool.end());

  it("is committed with its result", async () => {
    const result = await inTransaction(pool, async (client) => {
      await client.query("insert into t values (1)");
      return "done";
    });
    assert.deepEqual([result, await rows()], ["done", [1]]);
  });

  it("leaves nothing when its work fails", async () => {
    const failing = inTransaction(pool, async (client) => {
      await client.query("insert into t values (2)");
      throw new RangeError("no");
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(await rows(), [1]);
  });

  it("is not taken for committed when the database rolled it back", async () => {
    const failing = inTransaction(pool, async (client) => {
      await client.query("insert into t values (3)");
      await client.query("insert into t values (1)").catch(() => undefined);
    });
    await assert.rejects(failing, { code: "DATABASE_TRANSACTION_ROLLED_BACK" });
    assert.deepEqual(await rows(), [1]);
  });

  it("is unknown when its commit is not answered", async () => {
    const unknown = inTransaction(pool, async (client) => {
      await client.query("insert into t values (4)");
      client.connection.stream.destroy();
    });
    await assert.rejects(unknown, { code: "DATABASE_COMMIT_UNKNOWN" });
  });

  async function rows(): Promise<number[]> {
    const found = await withClient(pool, (client) =>
      client.query<{ a: number }>("select a from t order by a"),
    );
    return found.rows.map(({ a }) => a);
  }
});

describe("errors of the database", () => {
  const cases: [error: unknown, isConnection: boolean][] = [
    [new Error("Connection terminated unexpectedly"), true],
    [Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }), true],
    [databaseError("57P01"), true],
    [databaseError("25006"), true],
    [databaseError("08006"), true],
    [databaseError("23505"), false],
    [databaseError("57014"), false],
    [new TypeError("mine"), false],
    [undefined, false],
    ["text", false],
  ];
  for (const [error, expected] of cases) {
    it(`tell whether ${sqlState(error) ?? String(error)} is one of the connection`, () => {
      assert.equal(isConnectionError(error), expected);
    });
  }
});

function databaseError(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError("message", 7, "error"), { code });
}

/** A copied folder under the same password, in recovery without anybody to recover from. */
function startStandby(dataDirectory: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDirectory, settings: { hot_standby: "on" } });
}

async function ownLike(model: string, folder: string): Promise<void> {
  const { uid, gid } = await stat(model);
  if (process.getuid?.() !== 0) return;
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true })) {
    await chown(path.join(folder, entry), uid, gid);
  }
}

function hostOf({ port }: EmbeddedPostgres): string {
  return `127.0.0.1:${port}`;
}

function urlOf(hosts: readonly string[]): string {
  return primary.adminUrl.replace(hostOf(primary), hosts.join(","));
}

async function portOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ port: number }>("select inet_server_port() as port");
  return rows[0]?.port ?? 0;
}

/** A pool notices by itself, but not at once. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function killOthers(): Promise<void> {
  const client = await connectWritable({ url: primary.adminUrl });
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
  );
  await client.end();
}
