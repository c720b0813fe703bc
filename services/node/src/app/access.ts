// SPDX-License-Identifier: Apache-2.0
import { nodeErrors } from "../errors.js";

const KEY_BYTES_MAX = 4096;

export function checkKey(key: Uint8Array): void {
  if (key.length === 0 || key.length > KEY_BYTES_MAX) {
    throw invalid("key", `must be 1 to ${KEY_BYTES_MAX} bytes`);
  }
}

/** The claims digest of a request: absent, or exactly a SHA-256. */
export function checkClaimsDigest(digest: Uint8Array): Uint8Array | undefined {
  if (digest.length === 0) return undefined;
  if (digest.length !== 32) throw invalid("options.claims_digest", "must be 32 bytes or empty");
  return digest;
}

export function checkGroup(groupId: number): void {
  if (groupId === 0) return;
  throw nodeErrors("GROUP_NOT_FOUND", `this node has no group ${groupId}`, {
    details: { group_id: String(groupId) },
  });
}

export function invalid(field: string, description: string): Error {
  return nodeErrors("INVALID_ARGUMENT", `${field} ${description}`, {
    fieldViolations: [{ field, description }],
  });
}
