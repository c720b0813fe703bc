// SPDX-License-Identifier: Apache-2.0
import { keyFromText, rows, TABLES, type Transaction } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import type { MemberKeys } from "./member-key.js";
import type { MessageType } from "./message-type.js";
import { MESSAGE_TYPE } from "./protected-header.js";
import type { SignedRequest } from "./signed-request.js";

/** Who may sign a message of this type: an Accepted member can only acknowledge. */
const POLICIES = {
  proposal: "active_member_cose_sign1",
  ballot: "active_member_cose_sign1",
  withdrawal: "active_member_cose_sign1",
  recovery_share: "active_member_cose_sign1",
  state_digest: "member_cose_sign1",
  ack: "member_cose_sign1",
} as const satisfies Record<MessageType, string>;

/**
 * The id of the member that signed the request, in the state that the transaction reads: a member
 * that is removed meanwhile makes it a conflict. Throws `INVALID_AUTHENTICATION`.
 */
export function authenticate(
  request: SignedRequest,
  expected: MessageType,
  tx: Transaction,
  keys: Pick<MemberKeys, "verify">,
): string {
  const policy = POLICIES[expected];
  const { keyId, messageType } = request.header;
  const certificate = tx.get(TABLES.membersCerts, keyFromText(keyId));
  if (certificate === undefined) throw refused(policy, "Signer is not a known member");
  if (!keys.verify(request, rows.memberCertificate.decode(certificate))) {
    throw refused(policy, "Failed to validate COSE Sign1");
  }
  requireStatus(keyId, policy, tx);
  if (messageType === expected) return keyId;
  const found =
    messageType === undefined
      ? `Missing ${MESSAGE_TYPE}`
      : `Found ${MESSAGE_TYPE} set to ${messageType}`;
  throw refused(policy, `${found}, expected ${MESSAGE_TYPE} to be ${expected}`);
}

function requireStatus(memberId: string, policy: string, tx: Transaction): void {
  const row = tx.get(TABLES.membersInfo, keyFromText(memberId));
  if (row === undefined) throw refused(policy, "Signer is not a known member");
  const { status } = rows.membersInfo.decode(row);
  if (policy === "active_member_cose_sign1" && status !== "Active") {
    throw refused(
      policy,
      "Signer is not an ACTIVE member",
      "Acknowledge the state digest first: `ccfctl ack`.",
    );
  }
}

function refused(policy: string, message: string, hint?: string): Error {
  const options = { details: { auth_policy: policy } };
  return governanceErrors(
    "INVALID_AUTHENTICATION",
    message,
    hint === undefined ? options : { ...options, hint },
  );
}
