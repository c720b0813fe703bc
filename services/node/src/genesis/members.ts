// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { certificateFacts } from "@consortium/kit";
import type { rows } from "@consortium/ledger";
import type { StartConfig } from "../config.js";
import { nodeErrors } from "../errors.js";

/** A member the service starts with. */
export interface InitialMember {
  readonly id: string;
  readonly certificate: string;
  readonly encryptionKey: string | undefined;
  readonly info: rows.MemberInfo;
  /** The part it has in recovery. */
  readonly recovers: "NonParticipant" | "Participant" | "Owner";
}

/** Reads the members' files; every problem is reported at once. */
export async function readMembers(
  start: StartConfig,
  resolve: (file: string) => string,
): Promise<InitialMember[]> {
  const problems: { field: string; description: string }[] = [];
  const members: InitialMember[] = [];
  for (const [index, configured] of start.members.entries()) {
    const field = `command.start.members[${index}]`;
    try {
      members.push(await readMember(configured, resolve));
    } catch (error) {
      problems.push({ field, description: error instanceof Error ? error.message : String(error) });
    }
  }
  const ids = new Set(members.map(({ id }) => id));
  if (problems.length === 0 && ids.size < members.length) {
    problems.push({ field: "command.start.members", description: "names a member twice" });
  }
  const recovering = members.filter(({ recovers }) => recovers === "Participant").length;
  const threshold = start.service_configuration.recovery_threshold;
  if (problems.length === 0 && threshold > Math.max(recovering, 1)) {
    problems.push({
      field: "command.start.service_configuration.recovery_threshold",
      description: `is ${threshold}, but only ${recovering} members take part in recovery`,
    });
  }
  if (problems.length > 0) {
    const list = problems.map(({ field: name, description }) => `${name}: ${description}`);
    throw nodeErrors("CONFIG_INVALID", list.join("\n"), { fieldViolations: problems });
  }
  return members;
}

async function readMember(
  configured: StartConfig["members"][number],
  resolve: (file: string) => string,
): Promise<InitialMember> {
  const certificate = await readText(resolve(configured.certificate_file));
  const { id } = certificateFacts(certificate);
  const keyFile = configured.encryption_public_key_file;
  const encryptionKey = keyFile === undefined ? undefined : await readText(resolve(keyFile));
  if (encryptionKey !== undefined && createPublicKey(encryptionKey).asymmetricKeyType !== "rsa") {
    throw new Error(`${keyFile ?? ""} is not an RSA public key`);
  }
  const role = configured.recovery_role;
  if (role !== undefined && role !== "NonParticipant" && encryptionKey === undefined) {
    throw new Error(`recovery_role ${role} needs an encryption_public_key_file`);
  }
  const dataFile = configured.data_json_file;
  const data: unknown =
    dataFile === undefined ? undefined : JSON.parse(await readText(resolve(dataFile)));
  const info = {
    status: "Accepted" as const,
    ...(data === undefined ? {} : { member_data: data as never }),
    ...(role === undefined ? {} : { recovery_role: role }),
  };
  const recovers = encryptionKey === undefined ? "NonParticipant" : (role ?? "Participant");
  return { id, certificate, encryptionKey, info, recovers };
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8");
}
