// SPDX-License-Identifier: Apache-2.0
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { generateEcKeyPem, generateRsaKeyPem, writeFileAtomic } from "@consortium/kit";
import { peerErrors } from "./errors.js";

/** What makes a node that node: its signing key and the key that secrets are wrapped to. */
export interface NodeIdentity {
  /** Lower-case hex SHA-256 of the public key (SPKI DER). */
  readonly nodeId: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  readonly publicKeyDer: Uint8Array;
  readonly encryptionKey: KeyObject;
  readonly encryptionPublicKeyPem: string;
}

/** Reads the identity from its file, or makes one and keeps it there (mode 0600). */
export async function loadIdentity(
  path: string,
  curve: "Secp384R1" | "Secp256R1",
): Promise<{ identity: NodeIdentity; created: boolean }> {
  const existing = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw peerErrors("IDENTITY_UNREADABLE", `cannot read the node's private file ${path}`, {
      cause: error,
      hint: "run the node as the user who owns the file",
    });
  });
  if (existing !== undefined) return { identity: parseIdentity(existing, path), created: false };
  const text = generateEcKeyPem(curve) + generateRsaKeyPem().privateKeyPem;
  await writeFileAtomic(path, text, { mode: 0o600 });
  return { identity: parseIdentity(text, path), created: true };
}

function parseIdentity(text: string, path: string): NodeIdentity {
  const blocks = text.match(
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/g,
  );
  try {
    const [signing, encryption] = (blocks ?? []).map((pem) => createPrivateKey(pem));
    if (signing?.asymmetricKeyType !== "ec" || encryption?.asymmetricKeyType !== "rsa") {
      throw new Error("expected an EC key followed by an RSA key");
    }
    const publicKey = createPublicKey(signing);
    const publicKeyDer = publicKey.export({ type: "spki", format: "der" });
    return {
      nodeId: createHash("sha256").update(publicKeyDer).digest("hex"),
      privateKeyPem: signing.export({ type: "pkcs8", format: "pem" }).toString(),
      publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
      publicKeyDer,
      encryptionKey: encryption,
      encryptionPublicKeyPem: createPublicKey(encryption)
        .export({ type: "spki", format: "pem" })
        .toString(),
    };
  } catch (error) {
    throw peerErrors("IDENTITY_UNREADABLE", `${path} is not a node's private file`, {
      cause: error,
      hint: "restore the file from the node's backup, or remove it to join as a new node",
    });
  }
}
