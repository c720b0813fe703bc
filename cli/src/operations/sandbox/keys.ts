// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { keygen } from "../keygen/keygen.js";
import { keyFile, MEMBERS, type SandboxLayout, USER } from "./layout.js";
import type { Reporter } from "./reporter.js";

const KEY_FILES = ["privk", "cert", "enc_privk", "enc_pubk"] as const;

/** Generates the keys that are missing, all at once. */
export async function generateKeys(layout: SandboxLayout, report: Reporter): Promise<void> {
  const wanted = [
    ...MEMBERS.map((name) => ({ name, withEncryptionKey: true })),
    { name: USER, withEncryptionKey: false },
  ].filter(({ name, withEncryptionKey }) =>
    keyFilesOf(layout, name, withEncryptionKey).some((file) => !existsSync(file)),
  );
  if (wanted.length === 0) return;
  const commands = wanted.map(
    ({ name, withEncryptionKey }) =>
      `ccfctl keygen --name ${name}${withEncryptionKey ? " --gen-enc-key" : ""} --out ${layout.show(layout.keys)}`,
  );
  report.step("Members and the first user generate their keys", ...commands);
  await removeUnfinished(layout, wanted);
  await Promise.all(
    wanted.map((participant) =>
      keygen({ ...participant, curve: "secp384r1", directory: layout.keys }),
    ),
  );
}

function keyFilesOf(layout: SandboxLayout, name: string, withEncryptionKey: boolean): string[] {
  const kinds = withEncryptionKey ? KEY_FILES : KEY_FILES.slice(0, 2);
  return kinds.map((kind) => keyFile(layout, name, kind));
}

/** What an interrupted run left of a key. Once there is a service, keys are its members' and stay. */
async function removeUnfinished(
  layout: SandboxLayout,
  participants: readonly { name: string; withEncryptionKey: boolean }[],
): Promise<void> {
  if (existsSync(layout.serviceCertificate)) return;
  for (const { name, withEncryptionKey } of participants) {
    for (const file of keyFilesOf(layout, name, withEncryptionKey)) await rm(file, { force: true });
  }
}
