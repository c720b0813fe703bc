// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { isAppError } from "../errors/app-error.js";
import { writePidFile } from "./pid-file.js";
import { writeFileAtomic } from "./write-file.js";

let root = "";
let folder = "";
before(async () => {
  root = await mkdtemp(join(tmpdir(), "kit-files-"));
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
});
after(() => rm(root, { recursive: true }));

describe("writing a file", () => {
  it("gives it exactly the mode that was asked for, whatever the umask", async () => {
    const umask = process.umask(0o077);
    try {
      await writeFileAtomic(join(folder, "open"), "a");
      await writeFileAtomic(join(folder, "secret"), "b", { mode: 0o600 });
    } finally {
      process.umask(umask);
    }
    assert.equal((await stat(join(folder, "open"))).mode & 0o777, 0o644);
    assert.equal((await stat(join(folder, "secret"))).mode & 0o777, 0o600);
  });

  it("replaces content and mode of an older one, and leaves nothing else behind", async () => {
    const path = join(folder, "f");
    await writeFile(path, "old and longer", { mode: 0o644 });
    await writeFileAtomic(path, Buffer.from("new"), { mode: 0o600 });
    assert.equal(await readFile(path, "utf8"), "new");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["f"]);
  });

  it("refuses to overwrite when asked to, and of many at once lets one through", async () => {
    const path = join(folder, "f");
    const write = (text: string) => writeFileAtomic(path, text, { refuseExisting: true });
    const results = await Promise.allSettled(["1", "2", "3", "4"].map(write));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    await assert.rejects(write("5"), (error) => isAppError(error, "FILE_EXISTS"));
    assert.match(await readFile(path, "utf8"), /^[1-4]$/);
    assert.deepEqual(await readdir(folder), ["f"]);
  });

  it("leaves nothing behind when it fails", async () => {
    await mkdir(join(folder, "taken"));
    await assert.rejects(writeFileAtomic(join(folder, "taken"), "x"));
    await assert.rejects(writeFileAtomic(join(folder, "none", "f"), "x"));
    assert.deepEqual(await readdir(folder), ["taken"]);
  });
});

describe("a pid file", () => {
  it("holds the process id while the process runs", async () => {
    const path = join(folder, "node.pid");
    {
      await using file = await writePidFile(path);
      assert.ok(file);
      assert.equal(await readFile(path, "utf8"), `${process.pid}\n`);
    }
    assert.deepEqual(await readdir(folder), []);
  });

  it("refuses a second process, and takes over from a dead one", async () => {
    const path = join(folder, "node.pid");
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      stdio: "ignore",
    });
    await writeFile(path, `${other.pid}\n`);
    await assert.rejects(writePidFile(path), (error) =>
      isAppError(error, "PROCESS_ALREADY_RUNNING"),
    );
    other.kill("SIGKILL");
    await once(other, "exit");
    await (await writePidFile(path))[Symbol.asyncDispose]();
  });

  it(
    "takes over from a process whose id was given to another one since",
    { skip: process.platform === "linux" ? false : "only Linux tells when a process began" },
    async () => {
      const path = join(folder, "node.pid");
      const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
        stdio: "ignore",
      });
      await writeFile(path, `${other.pid}\n`);
      const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
      await utimes(path, yesterday, yesterday);
      await (await writePidFile(path))[Symbol.asyncDispose]();
      other.kill("SIGKILL");
      await once(other, "exit");
    },
  );

  for (const content of ["", "hello", "-1", "0", "1e400", "1.5"]) {
    it(`takes over a file that says ${JSON.stringify(content)}`, async () => {
      const path = join(folder, "node.pid");
      await writeFile(path, content);
      await using file = await writePidFile(path);
      assert.ok(file);
    });
  }

  it("leaves the file of another process alone when it is disposed", async () => {
    const path = join(folder, "node.pid");
    const file = await writePidFile(path);
    await writeFile(path, "1\n");
    await file[Symbol.asyncDispose]();
    assert.equal(await readFile(path, "utf8"), "1\n");
  });
});
