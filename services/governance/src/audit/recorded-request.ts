// SPDX-License-Identifier: Apache-2.0
import { decodeBase64, type KvKey, rows, TABLES, type WriteSet } from "@consortium/ledger";
import { parseSignedRequest, type SignedRequest } from "../request/signed-request.js";
import type { MessageType } from "../request/message-type.js";

/** A signed request as it stands in the transaction that it led to. */
export interface RecordedRequest {
  /** The row of `cose_history` it stands in: the member's. */
  readonly key: KvKey;
  readonly request: SignedRequest;
}

/** The encoded requests that a transaction records, by the key of their row. */
export function recordedEnvelopes(writes: WriteSet): Map<KvKey, Uint8Array> {
  const envelopes = new Map<KvKey, Uint8Array>();
  for (const [key, value] of writes.get(TABLES.coseHistory) ?? []) {
    if (value !== null) envelopes.set(key, value);
  }
  return envelopes;
}

/** Throws an `AppError` when the row holds no signed request. */
export function parseRecorded(row: Uint8Array): SignedRequest {
  const envelope = decodeBase64(rows.coseHistory.decode(row)) ?? new Uint8Array();
  return parseSignedRequest(envelope);
}

const TYPES: ReadonlySet<string> = new Set<MessageType>([
  "proposal",
  "ballot",
  "withdrawal",
  "state_digest",
  "ack",
  "recovery_share",
]);

export function messageTypeOf({ header }: SignedRequest): MessageType | undefined {
  const type = header.messageType;
  return type !== undefined && TYPES.has(type) ? (type as MessageType) : undefined;
}
