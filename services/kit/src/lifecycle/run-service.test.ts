// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";

interface Ended {
  code: number | null;
  signal: string | null;
  output: string[];
  log: string;
}

/** Runs the fixture to its end; `whenReady` may signal it. */
async function run(
  behaviour: string,
  whenReady: (child: ChildProcess) => void = () => undefined,
  ...more: string[]
): Promise<Ended> {
  const path = fileURLToPath(new URL("run-service.fixture.js", import.meta.url));
  const child = spawn(process.execPath, [path, behaviour, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.once("data", () => whenReady(child));
  const [output, log, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null, string | null]>,
  ]);
  return { code, signal, output: output.trim().split("\n"), log };
}

describe("a service", () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    it(`stops on ${signal} in the reverse order of its start, with exit code 0`, async () => {
      const ended = await run("plain", (child) => child.kill(signal));
      assert.deepEqual(ended.output, [
        "ready",
        "aborted",
        "disposed last",
        "disposed first",
        "returned",
      ]);
      assert.equal(ended.code, 0);
      assert.match(ended.log, new RegExp(`stopping signal=${signal}`));
    });
  }

  it("that cannot start disposes of what it has, says why and exits with 1", async () => {
    const ended = await run("no-start");
    assert.deepEqual(ended.output, ["disposed last", "disposed first", "returned"]);
    assert.equal(ended.code, 1);
    assert.match(ended.log, /ADDRESS_IN_USE: port taken\n {2}Another\./);
  });

  for (const [behaviour, message] of [
    ["throw-later", "thrown"],
    ["reject-later", "rejected"],
  ] as const) {
    it(`stops in order with exit code 70 after an error that nobody caught (${behaviour})`, async () => {
      const ended = await run(behaviour);
      assert.deepEqual(ended.output, [
        "ready",
        "aborted",
        "disposed last",
        "disposed first",
        "returned",
      ]);
      assert.equal(ended.code, 70);
      assert.match(ended.log, new RegExp(`uncaught error\n.*${message}`));
    });
  }

  it("that fails to dispose of one thing disposes of the others and exits with 1", async () => {
    const ended = await run("no-dispose", (child) => child.kill("SIGTERM"));
    assert.deepEqual(ended.output, [
      "ready",
      "aborted",
      "disposed last",
      "disposed first",
      "returned",
    ]);
    assert.equal(ended.code, 1);
    assert.match(ended.log, /cannot dispose/);
  });

  it("ends at once on a second signal", async () => {
    const ended = await run("slow", (child) => {
      child.kill("SIGTERM");
      child.stdout?.once("data", () => child.kill("SIGINT"));
    });
    assert.deepEqual([ended.code, ended.output.includes("disposed last")], [130, false]);
  });

  it("does not wait for the answer of somebody who does not answer", async () => {
    const listen =
      "net.createServer().listen(0, '127.0.0.1', 1, function () { console.log(this.address().port) })";
    const silent = spawn(process.execPath, ["-e", listen], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const [port] = (await once(silent.stdout, "data")) as [Buffer];
      silent.kill("SIGSTOP");
      const begin = performance.now();
      const ended = await run(
        "unanswered",
        (child) => child.kill("SIGTERM"),
        port.toString().trim(),
      );
      assert.equal(ended.code, 0, ended.log);
      assert.ok(performance.now() - begin < 8_000);
    } finally {
      silent.kill("SIGKILL");
    }
  });

  for (const behaviour of ["slow", "leak"]) {
    it(`is ended with exit code 1 when it does not stop in time (${behaviour})`, async () => {
      const ended = await run(behaviour, (child) => child.kill("SIGTERM"));
      assert.equal(ended.code, 1);
      assert.match(ended.log, /did not stop in time/);
    });
  }
});
