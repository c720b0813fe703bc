// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cliErrors } from "../../errors.js";
import { generateEncryptionKey, generateIdentity } from "./key-material.js";
import type { KeygenRequest, KeygenResult } from "./request.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SECRET = 0o600;
const PUBLIC = 0o644;

/**
 * Writes the key files of a member or a user: the names, modes and formats of CCF's
 * `keygenerator.sh`. Never overwrites: a lost member key cannot be replaced without a vote.
 */
export async function keygen(request: KeygenRequest): Promise<KeygenResult> {
  const { name, curve, directory } = request;
  if (!NAME.test(name)) {
    throw cliErrors("INVALID_INPUT", `"${name}" cannot begin a file name`, {
      details: { name },
      hint: "Use letters, digits, dot, dash and underscore, for example member0.",
    });
  }
  const files = filesOf(request);
  refuseExisting(Object.values(files).filter((file) => file !== null));
  await mkdir(directory, { recursive: true });
  const [identity, encryption] = await Promise.all([
    generateIdentity(name, curve),
    request.withEncryptionKey ? generateEncryptionKey() : undefined,
  ]);
  await writeNew(files.privateKey, identity.privateKeyPem, SECRET);
  await writeNew(files.certificate, identity.certificate.toString(), PUBLIC);
  if (
    encryption !== undefined &&
    files.encryptionPrivateKey !== null &&
    files.encryptionPublicKey !== null
  ) {
    await writeNew(files.encryptionPrivateKey, encryption.privateKeyPem, SECRET);
    await writeNew(files.encryptionPublicKey, encryption.publicKeyPem, PUBLIC);
  }
  const id = createHash("sha256").update(identity.certificate.raw).digest("hex");
  return { name, curve, id, ...files };
}

type KeyFiles = Pick<
  KeygenResult,
  "privateKey" | "certificate" | "encryptionPrivateKey" | "encryptionPublicKey"
>;

function filesOf({ name, directory, withEncryptionKey }: KeygenRequest): KeyFiles {
  const at = (suffix: string): string => join(directory, `${name}_${suffix}.pem`);
  return {
    privateKey: at("privk"),
    certificate: at("cert"),
    encryptionPrivateKey: withEncryptionKey ? at("enc_privk") : null,
    encryptionPublicKey: withEncryptionKey ? at("enc_pubk") : null,
  };
}

function refuseExisting(files: readonly string[]): void {
  const existing = files.filter((file) => existsSync(file));
  if (existing.length > 0) throw fileExists(existing);
}

async function writeNew(file: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(file, text, { mode, flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw fileExists([file]);
    throw error;
  }
}

function fileExists(files: readonly string[]): Error {
  return cliErrors("FILE_EXISTS", `${files.join(", ")} would be overwritten`, {
    details: { files: files.join(",") },
    hint: "Choose another --name or --out folder, or move the old files away if you are sure nobody needs them.",
  });
}
