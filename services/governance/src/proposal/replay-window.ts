// SPDX-License-Identifier: Apache-2.0
import {
  keyFromText,
  keyToText,
  rows,
  SINGLETON_KEY,
  TABLES,
  type Transaction,
} from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import { CREATED_AT } from "../request/protected-header.js";
import type { RequestFacts } from "./constitution.js";

const CREATED_AT_MAX = 9_999_999_999;
const WINDOW_DEFAULT = 100;
const DIGITS = 10;
const AHEAD_SECONDS_MAX = 86_400;

/**
 * Refuses a proposal from the far future: a few of them would move the middle of the replay window
 * on, and nobody with a right clock could propose anything any more. CCF takes them.
 */
export function requireNotAhead(createdAt: number, nowMs: number): void {
  const latest = Math.floor(nowMs / 1000) + AHEAD_SECONDS_MAX;
  if (createdAt > CREATED_AT_MAX || createdAt <= latest) return;
  throw governanceErrors("INVALID_CREATED_AT", "Header parameter created_at is in the far future", {
    fieldViolations: [
      { field: `cose_sign1.protected.${CREATED_AT}`, description: `at most ${latest} now` },
    ],
    hint: "Check your clock.",
  });
}

/**
 * Refuses a proposal that was recorded before, or that is older than the middle of the last ones
 * (`reference` B.3); remembers this one and forgets the oldest beyond the window.
 */
export function enterReplayWindow(
  tx: Transaction,
  request: RequestFacts,
  proposalId: string,
): void {
  if (request.createdAt > CREATED_AT_MAX) {
    throw governanceErrors("INVALID_CREATED_AT", "Header parameter created_at value is too large", {
      fieldViolations: [
        { field: `cose_sign1.protected.${CREATED_AT}`, description: `at most ${CREATED_AT_MAX}` },
      ],
    });
  }
  const createdAt = String(request.createdAt).padStart(DIGITS, "0");
  const key = keyFromText(`${createdAt}:${Buffer.from(request.digest).toString("hex")}`);
  const earlier = tx.get(TABLES.coseRecentProposals, key);
  if (earlier !== undefined) throw replay(rows.coseRecentProposals.decode(earlier));
  const keys = [...tx.entries(TABLES.coseRecentProposals)].map(([recent]) => recent);
  requireNotOlder(createdAt, keys.map(keyToText));
  tx.put(TABLES.coseRecentProposals, key, rows.coseRecentProposals.encode(proposalId));
  const kept = windowSize(tx) - 1;
  for (const oldest of keys.slice(0, Math.max(0, keys.length - kept))) {
    tx.remove(TABLES.coseRecentProposals, oldest);
  }
}

function requireNotOlder(createdAt: string, sortedKeys: readonly string[]): void {
  const median = sortedKeys[Math.floor(sortedKeys.length / 2)];
  const least = median?.split(":")[0];
  if (least === undefined || createdAt >= least) return;
  throw governanceErrors(
    "PROPOSAL_CREATED_TOO_LONG_AGO",
    `Proposal created too long ago, created_at must be greater than ${Number(least)}`,
    {
      details: { created_at_min: String(Number(least)) },
      hint: "Sign the proposal again, and check your clock.",
    },
  );
}

function replay(proposalId: string): Error {
  return governanceErrors(
    "PROPOSAL_REPLAY",
    `Proposal submission replay, already exists as proposal ${proposalId}`,
    { details: { proposal_id: proposalId } },
  );
}

function windowSize(tx: Transaction): number {
  const row = tx.get(TABLES.serviceConfig, SINGLETON_KEY);
  const stored =
    row === undefined
      ? undefined
      : rows.serviceConfig.decode(row).recent_cose_proposals_window_size;
  return stored ?? WINDOW_DEFAULT;
}
