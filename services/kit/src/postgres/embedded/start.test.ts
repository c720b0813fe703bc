// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { connectWritable } from "../connect.js";
import { isAlive } from "./postmaster.js";
import { findEmbeddedPostgres, startEmbeddedPostgres, stopEmbeddedPostgres } from "./start.js";

let base: string;
let dataDirectory: string;
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), "embedded-"));
  await chmod(base, 0o755);
  dataDirectory = path.join(base, "data");
});
afterEach(async () => {
  await stopEmbeddedPostgres(dataDirectory);
  await rm(base, { recursive: true });
});

describe("an embedded PostgreSQL", () => {
  it("starts in an empty folder, and again with what was written", async () => {
    const first = await startEmbeddedPostgres({ dataDirectory });
    await query(first.adminUrl, "create table t as select 42 as a");
    assert.equal((await query(first.adminUrl, "show fsync"))[0]?.["fsync"], "on");
    assert.equal(
      (await query(first.adminUrl, "show listen_addresses"))[0]?.["listen_addresses"],
      "127.0.0.1",
    );
    await first.stop();
    await first.stop();
    assert.equal(isAlive(first.pid), false);
    await using second = await startEmbeddedPostgres({ dataDirectory });
    assert.equal(second.adminUrl, first.adminUrl, "port and password stay");
    assert.deepEqual(await query(second.adminUrl, "select a from t"), [{ a: 42 }]);
  });

  it("keeps its password to its user, and wants it", async () => {
    await using postgres = await startEmbeddedPostgres({ dataDirectory });
    const { mode } = await stat(path.join(dataDirectory, "password"));
    assert.equal(mode & 0o777, 0o600);
    const url = new URL(postgres.adminUrl);
    url.password = "wrong";
    await assert.rejects(connectWritable({ url: url.toString() }), {
      code: "DATABASE_LOGIN_REFUSED",
    });
    url.password = "";
    await assert.rejects(connectWritable({ url: url.toString() }), {
      code: "DATABASE_UNAVAILABLE",
    });
  });

  it("is shared when it is started again while it runs, here and in another process", async () => {
    await using postgres = await startEmbeddedPostgres({ dataDirectory });
    const here = await startEmbeddedPostgres({ dataDirectory });
    assert.deepEqual([here.shared, here.pid], [true, postgres.pid]);
    await here.stop();
    const there = await inProcess("await postgres.stop()");
    assert.deepEqual(there.lines, [`${postgres.pid} true`]);
    await query(postgres.adminUrl, "select 1");
  });

  it("is started once by many at the same time", async () => {
    const others = [inProcess("await postgres.stop()"), inProcess("await postgres.stop()")];
    const here = await Promise.all([1, 2].map(() => startEmbeddedPostgres({ dataDirectory })));
    const { length } = here.filter(({ shared }) => !shared);
    assert.ok(length <= 1);
    for (const { code } of await Promise.all(others)) assert.equal(code, 0);
    await Promise.all(here.map((postgres) => postgres.stop()));
  });

  it("ends with a process that forgot to stop it", async () => {
    const { lines } = await inProcess("");
    const pid = Number.parseInt(lines[0] ?? "", 10);
    await until(() => !isAlive(pid));
    assert.equal(await findEmbeddedPostgres(dataDirectory), undefined);
  });

  it("outlives its process when asked to, and can be found and stopped", async () => {
    const { lines } = await inProcess("", "keepRunning: true");
    const found = await findEmbeddedPostgres(dataDirectory);
    assert.equal(`${found?.pid} false`, lines[0]);
    await query(found?.adminUrl ?? "", "select 1");
    assert.equal(await stopEmbeddedPostgres(dataDirectory), true);
    assert.equal(await stopEmbeddedPostgres(dataDirectory), false);
  });

  it("is taken over when the process that started it was killed", async () => {
    const { lines } = await inProcess("process.kill(process.pid, 'SIGKILL')");
    const postgres = await startEmbeddedPostgres({ dataDirectory });
    assert.equal(`${postgres.pid} ${postgres.shared}`, lines[0]);
    await postgres.stop();
    assert.equal(isAlive(postgres.pid), false);
  });

  it("starts after it was killed itself, and has what was committed", async () => {
    const first = await startEmbeddedPostgres({ dataDirectory });
    await query(first.adminUrl, "create table t as select 42 as a");
    process.kill(first.pid, "SIGKILL");
    await until(() => !isAlive(first.pid));
    await using second = await startEmbeddedPostgres({ dataDirectory });
    assert.deepEqual(await query(second.adminUrl, "select a from t"), [{ a: 42 }]);
  });

  it("starts although its old process id belongs to somebody else now", async () => {
    const first = await startEmbeddedPostgres({ dataDirectory });
    const lockFile = path.join(dataDirectory, "cluster", "postmaster.pid");
    const lines = (await readFile(lockFile, "utf8")).split("\n");
    await first.stop();
    const stranger = spawn("sleep", ["60"]);
    await writeFile(lockFile, [stranger.pid, ...lines.slice(1)].join("\n"));
    assert.equal(await findEmbeddedPostgres(dataDirectory), undefined);
    const second = await startEmbeddedPostgres({ dataDirectory });
    await second.stop();
    assert.equal(stranger.exitCode, null);
    stranger.kill();
  });

  it("starts although a start was interrupted", async () => {
    await mkdir(path.join(dataDirectory, "cluster.new-1", "cluster"), { recursive: true });
    await writeFile(path.join(dataDirectory, "start.lock"), '{"pid":2147483646,"startedAt":"1"}');
    await using postgres = await startEmbeddedPostgres({ dataDirectory });
    await query(postgres.adminUrl, "select 1");
  });

  it("says that a port is in use, and takes another if none was asked for", async () => {
    const first = await startEmbeddedPostgres({ dataDirectory });
    await first.stop();
    const squatter = createServer().listen(first.port, "127.0.0.1");
    await once(squatter, "listening");
    await assert.rejects(startEmbeddedPostgres({ dataDirectory, port: first.port }), {
      code: "EMBEDDED_POSTGRES_PORT_IN_USE",
    });
    const second = await startEmbeddedPostgres({ dataDirectory });
    assert.notEqual(second.port, first.port);
    await second.stop();
    squatter.close();
  });

  it("says why it does not start", async () => {
    const options = { dataDirectory, settings: { shared_buffers: "much" } };
    await assert.rejects(startEmbeddedPostgres(options), {
      code: "EMBEDDED_POSTGRES_FAILED",
      message: /shared_buffers/,
    });
    await writeFile(path.join(dataDirectory, "cluster", "PG_VERSION"), "9.6\n");
    await assert.rejects(startEmbeddedPostgres({ dataDirectory }), {
      code: "EMBEDDED_POSTGRES_VERSION_MISMATCH",
    });
  });

  it("says that the folder is no folder", async () => {
    await writeFile(dataDirectory, "");
    await assert.rejects(startEmbeddedPostgres({ dataDirectory }), {
      code: "EMBEDDED_POSTGRES_FAILED",
    });
  });

  it("leaves nothing beside its own files", async () => {
    const postgres = await startEmbeddedPostgres({ dataDirectory });
    await postgres.stop();
    assert.deepEqual(await readdir(dataDirectory), [
      "cluster",
      "password",
      "port",
      "postgresql.log",
    ]);
  });
});

describe("an embedded PostgreSQL as root", { skip: process.getuid?.() !== 0 }, () => {
  it(
    "keeps its data below a folder that only root can enter",
    { skip: process.platform !== "linux" },
    async () => {
      await chmod(base, 0o700);
      const first = await startEmbeddedPostgres({ dataDirectory });
      await query(first.adminUrl, "create table t as select 42 as a");
      await first.stop();
      await using second = await startEmbeddedPostgres({ dataDirectory });
      assert.deepEqual(await query(second.adminUrl, "select a from t"), [{ a: 42 }]);
      assert.notEqual((await stat(path.join(dataDirectory, "cluster"))).uid, 0);
    },
  );

  it("also works as an ordinary user, and each says that the folder is the other's", async () => {
    const uid = 65_534;
    await chmod(base, 0o777);
    const { code, lines } = await inProcess("await postgres.stop()", "", uid);
    assert.deepEqual([code, lines.length], [0, 1]);
    assert.equal((await stat(dataDirectory)).uid, uid);
    // Root may use what belongs to somebody else, and runs it as that one.
    const postgres = await startEmbeddedPostgres({ dataDirectory });
    await postgres.stop();
    assert.equal((await inProcess("await postgres.stop()", "", uid)).code, 0);

    const rootsOwn = path.join(base, "root");
    await (await startEmbeddedPostgres({ dataDirectory: rootsOwn })).stop();
    const refused = await inProcess("", "", uid, rootsOwn);
    assert.match(refused.errors, /EMBEDDED_POSTGRES_FOLDER_UNREACHABLE/);
  });
});

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connectWritable({ url });
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Starts the server in a process of its own, prints its id and whether it is shared, and does `then`. */
async function inProcess(
  then: string,
  options = "",
  uid?: number,
  folder = dataDirectory,
): Promise<{ code: number | null; lines: string[]; errors: string }> {
  const start = new URL("./start.js", import.meta.url).href;
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(start)};
    const postgres = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(folder)}, ${options} });
    console.log(postgres.pid + " " + postgres.shared);
    ${then}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: "/",
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, lines: output.split("\n").filter((line) => line !== ""), errors };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
