// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { Ccfctl } from "../harness/ccfctl.js";
import { temporaryFolder, type TemporaryFolder } from "../harness/temporary-folder.js";

/* What an operator does on the first day, with nothing but ccfctl and no flag about connections. */

interface Up {
  readonly directory: string;
  readonly continued: boolean;
  readonly privateTransactionId: string;
  readonly verifiedTransactionId: string;
  readonly serviceCertificate: string;
}

interface Sandbox {
  readonly running: boolean;
  readonly processes: { name: string; pid: number | null; serving: boolean }[];
}

let folder: TemporaryFolder;
let ccfctl: Ccfctl;
let first: Up;

before(async () => {
  folder = await temporaryFolder("sandbox");
  ccfctl = new Ccfctl({ cwd: folder.path });
});
after(async () => {
  await ccfctl.run("sandbox", "down");
  await folder[Symbol.asyncDispose]();
});

suite("A sandbox", () => {
  test("comes up from an empty folder to a verified receipt", async () => {
    first = await ccfctl.json<Up>("sandbox", "up");
    assert.equal(first.continued, false);
    assert.equal(first.verifiedTransactionId, first.privateTransactionId);
    const status = await ccfctl.json<Sandbox>("sandbox", "status");
    assert.equal(status.running, true);
    assert.deepEqual(
      status.processes.map(({ name, serving }) => [name, serving]),
      [
        ["node0", true],
        ["governance0", true],
        ["recovery0", true],
      ],
    );
  });

  test("is an open service with three active members and one user", async () => {
    const { service, nodes, members, users, warnings } = await ccfctl.json<{
      service: { status: string };
      nodes: { status: string; role: string }[];
      members: { status: string }[];
      users: unknown[];
      warnings: unknown[];
    }>("status");
    assert.equal(service.status, "Open");
    assert.deepEqual(
      members.map(({ status }) => status),
      ["Active", "Active", "Active"],
    );
    assert.deepEqual(nodes.map(({ role }) => role).sort(), ["governance", "ledger", "recovery"]);
    assert.ok(nodes.every(({ status }) => status === "Trusted"));
    assert.equal(users.length, 1);
    assert.deepEqual(warnings, []);
  });

  test("keeps records that a user writes, reads, compares and removes", async () => {
    const map = ["--map", "notes"];
    const { transactionId } = await ccfctl.json<{ transactionId: string }>(
      "kv",
      "put",
      "colour",
      "blue",
      ...map,
    );
    const { status } = await ccfctl.json<{ status: string }>("tx", "status", transactionId);
    assert.equal(status, "Committed");
    assert.equal(await ccfctl.text("kv", "get", "colour", ...map), "blue\n");
    await writeFile(
      folder.join("txn.json"),
      JSON.stringify({
        compares: [{ map: "notes", key: "colour", value: "blue" }],
        success: [{ put: { map: "notes", key: "colour", value: "red" } }],
      }),
    );
    const txn = await ccfctl.json<{ succeeded: boolean }>("kv", "txn", "txn.json");
    assert.equal(txn.succeeded, true);
    assert.equal(await ccfctl.text("kv", "get", "colour", ...map), "red\n");
    await ccfctl.json("kv", "delete", "colour", ...map);
    const gone = await ccfctl.failure("kv", "get", "colour", ...map);
    assert.deepEqual([gone.code, gone.exitCode], ["KEY_NOT_FOUND", 3]);
  });

  test("proves a record with receipts that verify offline, and not for another service", async () => {
    const id = first.privateTransactionId;
    const certificate = ["--service-cert", first.serviceCertificate];
    await ccfctl.text("receipt", "get", id, "--out", "receipt.json");
    const result = await ccfctl.json<{ transactionId: string }>(
      "receipt",
      "verify",
      "receipt.json",
      ...certificate,
    );
    assert.equal(result.transactionId, id);
    await ccfctl.text("keygen", "--name", "other");
    const other = ["--service-cert", "other_cert.pem"];
    const refusal = await ccfctl.failure("receipt", "verify", "receipt.json", ...other);
    assert.notEqual(refusal.exitCode, 0);
  });

  test("is governed by proposals and votes", async () => {
    await ccfctl.text("keygen", "--name", "user1");
    const { proposalId } = await ccfctl.json<{ proposalId: string }>(
      "propose",
      "user",
      "add",
      "--user-cert",
      "user1_cert.pem",
      "--yes",
    );
    const vote = ["proposal", "vote", proposalId.slice(0, 10), "--yes", "--as"];
    await ccfctl.json(...vote, "member0");
    const { proposalState } = await ccfctl.json<{ proposalState: string }>(...vote, "member1");
    assert.equal(proposalState, "Accepted");
    const key = ["--key", "user1_privk.pem", "--cert", "user1_cert.pem"];
    await ccfctl.text("kv", "put", "mine", "1", "--map", "notes", ...key);
  });

  test("exports a ledger that verifies", async () => {
    await ccfctl.text("ledger", "export", "ledger");
    const { lastSigned, unsignedTransactions } = await ccfctl.json<{
      lastSigned: string;
      unsignedTransactions: string;
    }>("ledger", "verify", "ledger", "--service-cert", first.serviceCertificate);
    assert.equal(unsignedTransactions, "0");
    const commit = await ccfctl.json<{ transactionId: string }>("tx", "commit");
    assert.equal(lastSigned, commit.transactionId);
  });

  test("is continued when it is brought up once more while it runs", async () => {
    const before = await ccfctl.json<Sandbox>("sandbox", "status");
    const again = await ccfctl.json<Up>("sandbox", "up");
    assert.equal(again.continued, true);
    assert.deepEqual(await ccfctl.json<Sandbox>("sandbox", "status"), before);
  });

  test("leaves no process when it is taken down, and keeps its data", async () => {
    await ccfctl.json("sandbox", "down");
    assert.deepEqual(processesOf(folder.path), []);
    const status = await ccfctl.json<Sandbox>("sandbox", "status");
    assert.equal(status.running, false);
    const refusal = await ccfctl.failure("kv", "get", "mine", "--map", "notes");
    assert.deepEqual([refusal.code, refusal.exitCode], ["UNAVAILABLE", 8]);
  });

  test("continues with everything it knew", async () => {
    const certificate = await readFile(first.serviceCertificate, "utf8");
    const again = await ccfctl.json<Up>("sandbox", "up");
    assert.equal(again.continued, true);
    assert.equal(await readFile(again.serviceCertificate, "utf8"), certificate);
    assert.equal(await ccfctl.text("kv", "get", "mine", "--map", "notes"), "1\n");
    const { transactionId } = await ccfctl.json<{ transactionId: string }>("tx", "commit");
    assert.match(transactionId, /^3\./, "a restart leads a view of its own");
  });

  test("begins anew when told to", async () => {
    const certificate = await readFile(first.serviceCertificate, "utf8");
    const fresh = await ccfctl.json<Up>("sandbox", "up", "--fresh");
    assert.equal(fresh.continued, false);
    assert.notEqual(await readFile(fresh.serviceCertificate, "utf8"), certificate);
    const refusal = await ccfctl.failure("kv", "get", "mine", "--map", "notes");
    assert.equal(refusal.code, "KEY_NOT_FOUND");
  });

  test("goes down for good", async () => {
    await ccfctl.json("sandbox", "down");
    assert.deepEqual(processesOf(folder.path), []);
    const { stopped } = await ccfctl.json<{ stopped: string[] }>("sandbox", "down");
    assert.deepEqual(stopped, []);
  });
});

/** The command lines of all processes that have to do with a folder. Only Linux tells. */
function processesOf(path: string): string[] {
  if (!existsSync("/proc/self/cmdline")) return [];
  const lines = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
  return lines.filter((line) => line.includes(path));
}
