// SPDX-License-Identifier: Apache-2.0
import { keyFromText, rows, TABLES } from "@consortium/ledger";
import { authenticate } from "../request/authenticate.js";
import { parseSignedRequest } from "../request/signed-request.js";
import type { GovernanceScope } from "../scope.js";
import { type Committed, executeAndCommit } from "../proposal/execute.js";
import { recordRequest } from "../proposal/proposal-table.js";
import { readAck, signedRoot } from "./state-digest.js";

export interface StateDigest {
  readonly memberId: string;
  readonly stateDigest: string;
}

/** The member is going to acknowledge what the service last signed. */
export function updateStateDigest(
  envelope: Uint8Array,
  scope: GovernanceScope,
  signal?: AbortSignal,
): Promise<Committed<StateDigest>> {
  const request = parseSignedRequest(envelope);
  return executeAndCommit(scope.ledger, signal, ({ tx }) => {
    const memberId = authenticate(request, "state_digest", tx, scope.memberKeys);
    const stateDigest = signedRoot(tx);
    const ack = { ...readAck(tx, memberId), state_digest: stateDigest };
    tx.put(TABLES.membersAcks, keyFromText(memberId), rows.membersAcks.encode(ack));
    recordRequest(tx, memberId, request.envelope);
    return Promise.resolve({ commit: true, value: { memberId, stateDigest } });
  });
}
