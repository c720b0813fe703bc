// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ROOM } from "./tooling/load-commands.js";
import { makeParticipant, temporaryFolder } from "./testing/participant.js";

/* The program as people and scripts start it. */

const PROGRAM = join(ROOM, "bin", "run.js");

interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

function ccfctl(
  args: string[],
  options: { cwd?: string; nodeArguments?: string[] } = {},
): Promise<Outcome> {
  const { CCFCTL_CONTEXT: _context, ...environment } = process.env;
  const env = {
    ...environment,
    XDG_CONFIG_HOME: "/nonexistent",
    FORCE_COLOR: undefined,
    NODE_TEST_CONTEXT: undefined,
  };
  return new Promise((resolve) => {
    const argv = [...(options.nodeArguments ?? []), PROGRAM, ...args];
    const child = execFile(
      process.execPath,
      argv,
      { cwd: options.cwd ?? "/", env },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ exitCode, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

function errorOf({ stdout }: Outcome): {
  code: string;
  message: string;
  details: object;
  hint?: string;
} {
  return (JSON.parse(stdout) as { error: { code: string; message: string; details: object } })
    .error;
}

test("keygen prints the lines of keygenerator.sh, and refuses to do it twice", async () => {
  await using folder = await temporaryFolder();
  const first = await ccfctl(["keygen", "--name", "user0"], { cwd: folder.path });
  assert.deepEqual(first, {
    exitCode: 0,
    stdout: [
      '-- Generating identity private key and certificate for participant "user0"...',
      "Identity curve: secp384r1",
      "Identity private key generated at:   user0_privk.pem",
      "Identity certificate generated at:   user0_cert.pem (to be registered in CCF)",
      "",
    ].join("\n"),
    stderr: "",
  });
  const second = await ccfctl(["keygen", "--name", "user0"], { cwd: folder.path });
  assert.equal(second.exitCode, 4);
  assert.match(second.stderr, /would be overwritten/);
  assert.match(second.stderr, /Code: FILE_EXISTS/);
  assert.match(second.stderr, /Try this: /);
});

test("With --json, the result is JSON and nothing else", async () => {
  await using folder = await temporaryFolder();
  const { stdout, exitCode } = await ccfctl(["keygen", "--name", "a", "--json"], {
    cwd: folder.path,
  });
  assert.equal(exitCode, 0);
  const { id, ...rest } = JSON.parse(stdout) as { id: string };
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    name: "a",
    curve: "secp384r1",
    privateKey: "a_privk.pem",
    certificate: "a_cert.pem",
    encryptionPrivateKey: null,
    encryptionPublicKey: null,
  });
});

test("With --json, an error is JSON on standard output, with the same exit code", async () => {
  const outcome = await ccfctl(["service", "info", "--json"]);
  assert.equal(outcome.exitCode, 6);
  const error = errorOf(outcome);
  assert.deepEqual(Object.keys(error), ["code", "message", "details", "hint"]);
  assert.equal(error.code, "CONTEXT_INCOMPLETE");
  assert.equal(outcome.stderr, "");
});

test("A misused command ends with 2, also as JSON", async () => {
  const text = await ccfctl(["kv", "get"]);
  assert.equal(text.exitCode, 2);
  assert.match(text.stderr, /Code: INVALID_USAGE/);
  const json = await ccfctl(["kv", "get", "--json"]);
  assert.equal(json.exitCode, 2);
  assert.equal(errorOf(json).code, "INVALID_USAGE");
});

test("An unknown command ends with 2", async () => {
  assert.equal((await ccfctl(["frobnicate"])).exitCode, 2);
});

test("A service that is not there is UNAVAILABLE, with what to try", async () => {
  await using folder = await temporaryFolder();
  const { certificate } = await makeParticipant(folder.path);
  const outcome = await ccfctl([
    "node",
    "state",
    "--address",
    "127.0.0.1:1",
    "--cacert",
    certificate,
    "--timeout",
    "5s",
    "--json",
  ]);
  assert.equal(outcome.exitCode, 8);
  assert.equal(errorOf(outcome).code, "UNAVAILABLE");
  assert.match(errorOf(outcome).hint ?? "", /ccfctl status/);
});

test("Nothing is coloured without a terminal", async () => {
  for (const args of [["--help"], ["keygen", "--help"], ["context", "list"], ["kv", "get"]]) {
    const { stdout, stderr } = await ccfctl(args);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout + stderr, /\u001B/, args.join(" "));
  }
});

test("A context is named by --context, and an unknown one is refused", async () => {
  const outcome = await ccfctl(["service", "info", "--context", "none", "--json"]);
  assert.equal(outcome.exitCode, 3);
  assert.equal(errorOf(outcome).code, "CONTEXT_NOT_FOUND");
});

test("A context shows no password", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "contexts.json");
  const contexts = { a: { databaseUrl: "postgres://u:hunter2@db/x" } };
  await writeFile(file, JSON.stringify({ current: "a", contexts }));
  for (const more of [[], ["--json"]]) {
    const { stdout, exitCode } = await ccfctl(["context", "show", "--context", file, ...more]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /postgres:\/\/u:\*\*\*@db/);
    assert.doesNotMatch(stdout, /hunter2/);
  }
});

test("A receipt that proves nothing has its own exit code", async () => {
  await using folder = await temporaryFolder();
  const { certificate } = await makeParticipant(folder.path);
  const receipt = join(folder.path, "receipt.json");
  await writeFile(receipt, '{"signature":"AA=="}');
  const outcome = await ccfctl([
    "receipt",
    "verify",
    receipt,
    "--service-cert",
    certificate,
    "--json",
  ]);
  assert.equal(outcome.exitCode, 10);
  assert.equal(errorOf(outcome).code, "VERIFICATION_FAILED");
});

test("There is no sandbox where none was made", async () => {
  await using folder = await temporaryFolder();
  for (const command of ["status", "down"]) {
    const outcome = await ccfctl(["sandbox", command, "--json"], { cwd: folder.path });
    assert.equal(outcome.exitCode, 3);
    assert.equal(errorOf(outcome).code, "SANDBOX_NOT_FOUND");
  }
});

test("An older Node hands over to the one of this repository", async () => {
  const pretend =
    "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})";
  const outcome = await ccfctl(["--version"], { nodeArguments: ["--import", pretend] });
  assert.equal(outcome.exitCode, 0);
  assert.match(outcome.stdout, /node-v2[4-9]/);
});
