// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { connectWritable } from "@consortium/kit";
import { iterateEntries, keyToBytes, openGroupReader } from "@consortium/ledger";
import { decodeEntry, verifyLedgerDirectory } from "@consortium/ledger/offline";
import type { Ccfctl } from "../harness/ccfctl.js";
import { ccfctlOf } from "../harness/consortium-context.js";
import { Consortium } from "../harness/consortium.js";

/* Members change the service by ccfctl; the ledger of it verifies, and no byte of it can be changed. */

let consortium: Consortium;
let ccfctl: Ccfctl;

before(async () => {
  consortium = await Consortium.start();
  ccfctl = await ccfctlOf(consortium);
});
after(() => consortium?.[Symbol.asyncDispose]());

suite("Members decide with ccfctl", () => {
  test("on a new ledger secret: old and new records stay readable", async () => {
    await put("before", "the rekey");
    await decide("ledger", "rekey");
    await put("after", "the rekey");
    assert.equal(await get("before"), "the rekey\n");
    assert.equal(await get("after"), "the rekey\n");
  });

  test("on the threshold of a recovery", async () => {
    await decide("recovery-threshold", "set", "3");
    const { configuration } = await ccfctl.json<{ configuration: { recoveryThreshold: number } }>(
      "service",
      "info",
    );
    assert.equal(configuration.recoveryThreshold, 3);
  });

  test("on a member that has to go, but not when too few would hold shares", async () => {
    const leaving = consortium.members[2]!;
    assert.equal(await outcomeOf("member", "remove", leaving.id), "PROPOSAL_FAILED");
    await decide("recovery-threshold", "set", "2");
    await decide("member", "remove", leaving.id);
    const { members } = await ccfctl.json<{ members: { memberId: string }[] }>("member", "list");
    assert.equal(members.length, 2);
    assert.ok(members.every(({ memberId }) => memberId !== leaving.id));
    const silenced = await ccfctl.failure("ack", "--as", leaving.name);
    assert.equal(silenced.code, "INVALID_AUTHENTICATION");
  });

  test("on another constitution, under which they decide from then on", async () => {
    await ccfctl.text("constitution", "write", "constitution.js");
    const ours = await readFile(join(consortium.folder, "constitution.js"), "utf8");
    const autocracy = ours.replace(/export function resolve\b/, "function formerResolve");
    assert.notEqual(autocracy, ours);
    const added = `export function resolve(proposal, proposerId, votes) { return "Accepted"; }\n`;
    await writeFile(join(consortium.folder, "autocracy.js"), `${autocracy}\n${added}`);
    await decide("constitution", "set", "autocracy.js");
    const alone = await ccfctl.json<{ proposalState: string }>(
      "propose",
      "ledger",
      "chunk",
      "--yes",
    );
    assert.equal(alone.proposalState, "Accepted");
    await put("last", "words");
  });
});

suite("Auditors", () => {
  test("query in SQL what members decided, by transaction", async () => {
    const proposals = await query("select * from audit.proposals where is_current order by seqno");
    const { proposals: told } = await ccfctl.json<{ proposals: { proposalId: string }[] }>(
      "proposal",
      "list",
      "--all",
    );
    assert.deepEqual(
      proposals.map((row) => String(row["proposal_id"])).sort(),
      told.map(({ proposalId }) => proposalId).sort(),
    );
    const removal = proposals.find(
      (row) =>
        row["state"] === "Accepted" && JSON.stringify(row["actions"]).includes("remove_member"),
    );
    assert.ok(removal !== undefined);
    const votes = await query("select * from audit.votes where proposal_id = $1", [
      removal["proposal_id"],
    ]);
    assert.ok(votes.length >= 2);
    assert.ok(votes.every(({ final_vote: vote }) => vote === true));
    const decisive = votes.map((row) => row["transaction_id"]);
    assert.ok(decisive.includes(removal["transaction_id"]), "the last ballot decided it");
  });

  test("see who is and was a member, a user and a node", async () => {
    const leaving = consortium.members[2]!;
    const of = (view: string, idColumn: string) =>
      query(`select * from audit.${view} where is_current and not is_removal order by ${idColumn}`);
    const members = await of("members", "member_id");
    const { members: told } = await ccfctl.json<{ members: { memberId: string }[] }>(
      "member",
      "list",
    );
    assert.deepEqual(
      members.map((row) => row["member_id"]),
      told.map(({ memberId }) => memberId).sort(),
    );
    const statuses = await query(
      "select * from audit.members where member_id = $1 order by seqno",
      [leaving.id],
    );
    assert.equal(statuses.at(-1)?.["is_removal"], true);
    assert.ok(statuses.some(({ status }) => status === "Active"));
    assert.match(String(members[0]?.["certificate"] ?? statuses[0]?.["certificate"]), /BEGIN CERT/);
    assert.equal((await of("users", "user_id")).length, 1);
    const roles = (await of("nodes", "node_id")).map(
      (row) => `${String(row["role"])} ${String(row["status"])}`,
    );
    assert.deepEqual(roles.sort(), ["governance Trusted", "ledger Trusted", "recovery Trusted"]);
  });

  test("read every constitution there was", async () => {
    const versions = await query("select * from audit.constitutions order by version");
    assert.equal(versions.length, 2);
    const autocracy = await readFile(join(consortium.folder, "autocracy.js"), "utf8");
    assert.ok(String(versions[1]?.["text"]).trimEnd() === autocracy.trimEnd());
  });

  test("find the public writes of the views to be those of the entries", async () => {
    await using reader = await openGroupReader({ url: consortium.storeUrls.auditor, group: 0 });
    const expected: string[] = [];
    for await (const { entries } of reader.replay(1)) {
      for (const { view, seqno, publicWrites } of iterateEntries(entries)) {
        for (const [map, writes] of publicWrites) {
          for (const [key, value] of writes) {
            const text = value === null ? "removed" : Buffer.from(value).toString("hex");
            expected.push(
              `${view}.${seqno} ${map} ${Buffer.from(keyToBytes(key)).toString("hex")} ${text}`,
            );
          }
        }
      }
    }
    const rows = await query(
      `select transaction_id || ' ' || map || ' ' || encode(key, 'hex') || ' ' ||
              case when is_removal then 'removed' else encode(value, 'hex') end as line
       from audit.public_write`,
    );
    assert.deepEqual(rows.map(({ line }) => String(line)).sort(), expected.sort());
    assert.ok(!expected.some((line) => line.includes(Buffer.from("the rekey").toString("hex"))));
  });
});

/** As the login that auditors have. */
async function query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = await connectWritable({ url: consortium.storeUrls.auditor });
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

suite("The ledger of it", () => {
  test("verifies after the export, for this service and no other", async () => {
    await ccfctl.json("ledger", "export", "ledger");
    const result = await ccfctl.json<{ serviceCertificateChecked: boolean; lastSigned: string }>(
      "ledger",
      "verify",
      "ledger",
    );
    assert.equal(result.serviceCertificateChecked, true);
    const { transactionId } = await ccfctl.json<{ transactionId: string }>("tx", "commit");
    assert.equal(result.lastSigned, transactionId);
    const stranger = consortium.user.certificateFile;
    const refusal = await ccfctl.failure("ledger", "verify", "ledger", "--service-cert", stranger);
    assert.deepEqual([refusal.code, refusal.exitCode], ["VERIFICATION_FAILED", 10]);
  });

  test("has every changed byte found, and named with file, offset and transaction", async () => {
    const source = join(consortium.folder, "ledger");
    const forged = join(consortium.folder, "forged");
    await cp(source, forged, { recursive: true });
    const files = globSync("*.committed", { cwd: forged }).sort(bySeqno);
    assert.ok(files.length > 1, "a decision ended the first file");
    let flips = 0;
    for (const name of files) {
      const file = join(forged, name);
      const bytes = await readFile(file);
      for (const { offset, inEntry } of sampleOf(bytes)) {
        bytes[offset]! ^= 1 << (offset % 8);
        await writeFile(file, bytes);
        await requireFault(forged, { name, offset, inEntry });
        bytes[offset]! ^= 1 << (offset % 8);
        flips += 1;
      }
      await writeFile(file, bytes);
    }
    assert.equal((await verifyForged(forged)).fault, undefined, "and all is well without");
    assert.ok(flips >= 30, `${flips} bytes were tried`);
  });

  test("is reported by ccfctl with the place of its first fault", async () => {
    const directory = join(consortium.folder, "forged");
    const [file = ""] = globSync(join(directory, "*.committed")).sort(bySeqno);
    const bytes = await readFile(file);
    bytes[2000]! ^= 1;
    await writeFile(file, bytes);
    const { code, details, exitCode } = await ccfctl.failure("ledger", "verify", "forged");
    assert.deepEqual([code, exitCode], ["VERIFICATION_FAILED", 10]);
    assert.equal(details["file"], basename(file));
    assert.match(details["offset"] ?? "", /^\d+$/);
    assert.match(details["transaction_id"] ?? "", /^2\.\d+$/);
  });
});

interface Flip {
  readonly name: string;
  readonly offset: number;
  readonly inEntry: boolean;
}

async function requireFault(directory: string, { name, offset, inEntry }: Flip): Promise<void> {
  const { fault } = await verifyForged(directory);
  const where = `byte ${offset} of ${name}`;
  assert.ok(fault !== undefined, `${where} was changed unseen`);
  assert.ok(fault.file !== undefined, `${where}: ${fault.code} names no file`);
  if (!inEntry) return;
  assert.ok(fault.offset !== undefined, `${where}: ${fault.code} names no offset`);
  assert.ok(fault.transactionId !== undefined, `${where}: ${fault.code} names no transaction`);
}

function verifyForged(directory: string) {
  return verifyLedgerDirectory(directory, { serviceCertPem: consortium.serviceCertificate });
}

/** Bytes of all regions of a file: its head, every kind of byte of its entries, the table at its end. */
function sampleOf(file: Buffer): { offset: number; inEntry: boolean }[] {
  const tableAt = Number(file.readBigUInt64LE(0));
  const sample = [0, 3, 7, tableAt, Math.floor((tableAt + file.length) / 2), file.length - 1].map(
    (offset) => ({ offset, inEntry: false }),
  );
  let place = 0;
  for (let offset = 8; offset < tableAt; place += 1) {
    const { length } = decodeEntry(file, offset);
    // One entry in two: each change verifies the whole ledger.
    // Another part of each entry: version, flags, size, nonce, tag, public and private maps.
    const within = [0, 1, 2, 8, 15, 20, 30, 40, Math.floor(length / 2), length - 1];
    const chosen = within[(place / 2) % within.length] ?? 0;
    if (place % 2 === 0) {
      sample.push({ offset: offset + Math.min(chosen, length - 1), inEntry: true });
    }
    offset += length;
  }
  return sample;
}

function bySeqno(a: string, b: string): number {
  const first = (name: string): number => Number(/ledger_(\d+)-/.exec(name)?.[1]);
  return first(a) - first(b);
}

/** A proposal that the members accept. */
async function decide(...action: string[]): Promise<void> {
  assert.equal(await outcomeOf(...action), "Accepted");
}

/** What becomes of a proposal for which all members vote: Accepted, or the code of the refusal. */
async function outcomeOf(...action: string[]): Promise<string> {
  const { proposalId } = await ccfctl.json<{ proposalId: string }>("propose", ...action, "--yes");
  let outcome = "Open";
  for (const { name } of consortium.members) {
    const vote = ["proposal", "vote", proposalId, "--yes", "--as", name, "--json"];
    const { stdout } = await ccfctl.run(...vote);
    const answer = JSON.parse(stdout) as { proposalState?: string; error?: { code: string } };
    outcome = answer.error?.code ?? answer.proposalState ?? "";
    if (outcome !== "Open") break;
  }
  return outcome;
}

async function put(key: string, value: string): Promise<void> {
  await ccfctl.text("kv", "put", key, value, "--map", "notes");
}

function get(key: string): Promise<string> {
  return ccfctl.text("kv", "get", key, "--map", "notes");
}
