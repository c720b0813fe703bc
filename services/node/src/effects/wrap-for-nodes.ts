// SPDX-License-Identifier: Apache-2.0
import { constants, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import {
  decodeJson,
  encodeJson,
  internalRows,
  keyToText,
  rows,
  SINGLETON_KEY,
  TABLES,
  type Transaction,
} from "@consortium/ledger";
import type { NodeSecrets, SecretVersion } from "./secret-version.js";

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" } as const;

/**
 * The private scalar of the service key, wrapped for every trusted ledger node: CCF keeps it in
 * memory only, and its nodes cannot be restarted.
 */
export const ENCRYPTED_SERVICE_KEYS = "public:ccf.internal.encrypted_service_keys";

/**
 * Stores the service key and every ledger secret wrapped for each trusted ledger node that lacks one
 * of them, and takes out the nodes that are trusted no more. A node thus restarts from the ledger.
 */
export function wrapSecretsForNodes(
  transaction: Transaction,
  { serviceKeyScalar, secrets }: NodeSecrets,
): void {
  const heldKeys = readServiceKeys(transaction);
  const heldSecrets = readSecrets(transaction);
  const keys: Record<string, string> = {};
  const wrapped: internalRows.EncryptedLedgerSecrets = {};
  for (const { nodeId, encryptionKey } of ledgerNodes(transaction)) {
    keys[nodeId] = heldKeys[nodeId] ?? wrapForNode(encryptionKey, serviceKeyScalar);
    const held = new Map((heldSecrets[nodeId] ?? []).map((one) => [one.version, one]));
    wrapped[nodeId] = secrets.map((one) => held.get(one.version) ?? wrapSecret(encryptionKey, one));
  }
  putIfChanged(transaction, ENCRYPTED_SERVICE_KEYS, encodeJson(keys));
  putIfChanged(
    transaction,
    TABLES.encryptedLedgerSecrets,
    internalRows.encryptedLedgerSecrets.encode(wrapped),
  );
}

function putIfChanged(transaction: Transaction, map: string, value: Uint8Array): void {
  const before = transaction.get(map, SINGLETON_KEY);
  if (before !== undefined && Buffer.compare(before, value) === 0) return;
  transaction.put(map, SINGLETON_KEY, value);
}

function readServiceKeys(transaction: Transaction): Record<string, string> {
  const row = transaction.get(ENCRYPTED_SERVICE_KEYS, SINGLETON_KEY);
  return row === undefined ? {} : (decodeJson(row) as Record<string, string>);
}

function readSecrets(transaction: Transaction): internalRows.EncryptedLedgerSecrets {
  const row = transaction.get(TABLES.encryptedLedgerSecrets, SINGLETON_KEY);
  return row === undefined ? {} : internalRows.encryptedLedgerSecrets.decode(row);
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

function wrapSecret(
  encryptionKey: string,
  secret: SecretVersion,
): internalRows.EncryptedLedgerSecrets[string][number] {
  return {
    encrypted_secret: wrapForNode(encryptionKey, secret.raw),
    version: secret.version,
    ...(secret.previousSecretStoredVersion === undefined
      ? {}
      : { previous_secret_stored_version: secret.previousSecretStoredVersion }),
  };
}

/** RSA-OAEP with SHA-256 to a node's encryption key, base64. */
function wrapForNode(publicKeyPem: string, secret: Uint8Array): string {
  return publicEncrypt({ key: publicKeyPem, ...OAEP }, secret).toString("base64");
}

export function unwrapForNode(privateKey: KeyObject, wrapped: string): Uint8Array {
  return privateDecrypt({ key: privateKey, ...OAEP }, Buffer.from(wrapped, "base64"));
}
