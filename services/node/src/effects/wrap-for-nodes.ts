// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import {
  encodeJson,
  internalRows,
  keyToText,
  rows,
  SINGLETON_KEY,
  TABLES,
  type Transaction,
} from "@consortium/ledger";
import type { SecretVersion } from "./service-keys.js";

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" } as const;

/** Stores a ledger secret wrapped for every trusted ledger node, so that each can be restarted. */
export function wrapSecretsForNodes(transaction: Transaction, secret: SecretVersion): void {
  const wrapped: internalRows.EncryptedLedgerSecrets = {};
  for (const { nodeId, encryptionKey } of ledgerNodes(transaction)) {
    wrapped[nodeId] = [
      {
        encrypted_secret: wrapForNode(encryptionKey, secret.raw),
        version: secret.version,
        ...(secret.previousSecretStoredVersion === undefined
          ? {}
          : { previous_secret_stored_version: secret.previousSecretStoredVersion }),
      },
    ];
  }
  transaction.put(
    TABLES.encryptedLedgerSecrets,
    SINGLETON_KEY,
    internalRows.encryptedLedgerSecrets.encode(wrapped),
  );
}

/**
 * The private scalar of the service key, wrapped for every trusted ledger node: CCF keeps it in
 * memory only, and its nodes cannot be restarted.
 */
export const ENCRYPTED_SERVICE_KEYS = "public:ccf.internal.encrypted_service_keys";

export function wrapServiceKeyForNodes(transaction: Transaction, scalar: Uint8Array): void {
  const wrapped: Record<string, string> = {};
  for (const { nodeId, encryptionKey } of ledgerNodes(transaction)) {
    wrapped[nodeId] = wrapForNode(encryptionKey, scalar);
  }
  transaction.put(ENCRYPTED_SERVICE_KEYS, SINGLETON_KEY, encodeJson(wrapped));
}

function* ledgerNodes(
  transaction: Transaction,
): Iterable<{ nodeId: string; encryptionKey: string }> {
  for (const [key, value] of transaction.entries(TABLES.nodesInfo)) {
    const node = rows.nodesInfo.decode(value);
    if (node.status !== "Trusted" || (node.role ?? "ledger") !== "ledger") continue;
    if (node.encryption_pub_key === undefined) continue;
    yield { nodeId: keyToText(key), encryptionKey: node.encryption_pub_key };
  }
}

/** RSA-OAEP with SHA-256 to a node's encryption key, base64. */
export function wrapForNode(publicKeyPem: string, secret: Uint8Array): string {
  return publicEncrypt({ key: publicKeyPem, ...OAEP }, secret).toString("base64");
}

export function unwrapForNode(privateKey: KeyObject, wrapped: string): Uint8Array {
  return privateDecrypt({ key: privateKey, ...OAEP }, Buffer.from(wrapped, "base64"));
}
