// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { app } from "@consortium/proto";
import { Ccfctl } from "./ccfctl.js";
import type { Consortium } from "./consortium.js";
import { acknowledge } from "./governing.js";
import { createMember, type Member } from "./participants.js";
import { constitutionFiles } from "./workspace.js";

/** A write and what its receipt has to say. */
export interface Proven {
  readonly transactionId: string;
  readonly claimsDigest: Uint8Array;
}

/** Everything that leaves a mark of its own on the ledger: rekey, members, constitution, restarts, many commits. */
export async function liveFully(consortium: Consortium): Promise<Proven[]> {
  const proven = [await write(consortium, "before")];
  await consortium.decide({ name: "trigger_ledger_rekey" });
  proven.push(await write(consortium, "after the rekey"));
  const newcomer = await addMember(consortium, "newcomer");
  await consortium.decide({
    name: "set_recovery_threshold",
    args: { recovery_threshold: 3 },
  });
  await consortium.decide({ name: "remove_member", args: { member_id: newcomer.id } });
  await changeConstitution(consortium);
  await consortium.node.stop();
  await consortium.node.start();
  proven.push(await write(consortium, "after a restart"));
  await consortium.node.kill();
  await consortium.node.start();
  await consortium.decide({ name: "trigger_recovery_shares_refresh" });
  await consortium.decide({ name: "trigger_ledger_rekey" });
  proven.push(await write(consortium, "after a crash", randomBytes(32)));
  return proven;
}

/** Writes the ledger of a consortium into a folder, as an auditor does. */
export async function exportLedger(consortium: Consortium, name = "export"): Promise<string> {
  const env = { CCFCTL_DATABASE_URL: consortium.storeUrls.auditor };
  const directory = join(consortium.folder, name);
  await new Ccfctl({ cwd: consortium.folder, env }).json("ledger", "export", directory);
  return directory;
}

async function addMember(consortium: Consortium, name: string): Promise<Member> {
  const member = await createMember(consortium.folder, name, { curve: "Secp256R1" });
  const args = { cert: member.certificate, encryption_pub_key: member.encryptionPublicKey };
  await consortium.decide({ name: "set_member", args });
  using client = consortium.governanceClient();
  await acknowledge(client, member);
  return member;
}

async function changeConstitution(consortium: Consortium): Promise<void> {
  const parts = await Promise.all(constitutionFiles().map((file) => readFile(file, "utf8")));
  const constitution = `${parts.join("\n")}\n// The second edition.\n`;
  await consortium.decide({ name: "set_constitution", args: { constitution } });
}

async function write(
  consortium: Consortium,
  text: string,
  claimsDigest: Uint8Array = new Uint8Array(),
): Promise<Proven> {
  using client = consortium.kvClient();
  let transactionId = "";
  for (const map of ["notes", "public:notes"]) {
    for (let index = 0; index < 5; index += 1) {
      const answer = await client.put({
        groupId: 0,
        map,
        key: Buffer.from(`key ${index}`),
        value: Buffer.from(`${text}, ${index}`),
        options: { idempotencyKey: "", answerWhen: app.AnswerWhen.COMMITTED, claimsDigest },
      });
      transactionId = answer.transactionId;
    }
  }
  const stated = claimsDigest.length === 0 ? new Uint8Array(32) : claimsDigest;
  return { transactionId, claimsDigest: stated };
}
