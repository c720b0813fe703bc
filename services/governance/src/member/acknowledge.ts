// SPDX-License-Identifier: Apache-2.0
import { encodeBase64, keyFromText, rows, TABLES, type Transaction } from "@consortium/ledger";
import { isOpen } from "../effects/open-service.js";
import { governanceErrors } from "../errors.js";
import { authenticate } from "../request/authenticate.js";
import { parseSignedRequest, type SignedRequest } from "../request/signed-request.js";
import { decodeText, parseStrictJson } from "../request/strict-json.js";
import type { GovernanceScope } from "../scope.js";
import { type Committed, executeAndCommit, type Execution } from "../proposal/execute.js";
import { recordRequest } from "../proposal/proposal-table.js";
import { readAck } from "./state-digest.js";

/** The member vouches for the state that it was shown; an Accepted member becomes Active by it. */
export function acknowledge(
  envelope: Uint8Array,
  scope: GovernanceScope,
  signal?: AbortSignal,
): Promise<Committed<{ memberId: string }>> {
  const request = parseSignedRequest(envelope);
  return executeAndCommit(scope.ledger, signal, (execution) => {
    const { tx } = execution;
    const memberId = authenticate(request, "ack", tx, scope.memberKeys);
    const stateDigest = requireDigest(request, memberId, tx);
    const ack = {
      ...readAck(tx, memberId),
      state_digest: stateDigest,
      cose_sign1_req: encodeBase64(envelope),
    };
    tx.put(TABLES.membersAcks, keyFromText(memberId), rows.membersAcks.encode(ack));
    recordRequest(tx, memberId, envelope);
    activate(execution, memberId);
    return Promise.resolve({ commit: true, value: { memberId } });
  });
}

function requireDigest(request: SignedRequest, memberId: string, tx: Transaction): string {
  const value = parseStrictJson(decodeText(request.payload));
  const fields =
    typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const received = fields["stateDigest"];
  if (typeof received !== "string") {
    throw governanceErrors(
      "INVALID_INPUT",
      'Signed request body is not a JSON object containing required string field "stateDigest"',
      {
        fieldViolations: [
          { field: "cose_sign1.payload.stateDigest", description: "expected a string" },
        ],
      },
    );
  }
  if (fields["memberId"] !== undefined && fields["memberId"] !== memberId) {
    throw governanceErrors(
      "INVALID_AUTHENTICATION",
      `Member ID in the payload does not match member ID from body signature (m[${memberId}]).`,
    );
  }
  const ack = readAck(tx, memberId);
  if (ack === undefined) {
    throw governanceErrors(
      "AUTHORIZATION_FAILED",
      `No ACK record exists for caller m[${memberId}].`,
    );
  }
  if (ack.state_digest === "" || ack.state_digest !== received)
    throw mismatch(ack.state_digest, received);
  return received;
}

function mismatch(expected: string, received: string): Error {
  return governanceErrors(
    "STATE_DIGEST_MISMATCH",
    `Submitted state digest is not valid.\nExpected\n ${expected}\nReceived\n ${received.slice(0, 100)}`,
    { hint: "Update the state digest, then acknowledge what it answers: `ccfctl ack` does both." },
  );
}

function activate({ tx, effects }: Execution, memberId: string): void {
  const key = keyFromText(memberId);
  const row = tx.get(TABLES.membersInfo, key);
  if (row === undefined) return;
  const info = rows.membersInfo.decode(row);
  if (info.status === "Active") return;
  tx.put(TABLES.membersInfo, key, rows.membersInfo.encode({ ...info, status: "Active" }));
  const getsShare =
    tx.has(TABLES.membersEncryptionPublicKeys, key) && info.recovery_role !== "NonParticipant";
  if (getsShare && isOpen(tx)) {
    effects.push({ effect: { $case: "triggerRecoverySharesRefresh", value: {} } });
  }
}
