// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type AppError, type ErrorCategory, isAppError } from "@consortium/kit";
import { governance } from "@consortium/proto";
import type { NodeClient } from "./connections.js";
import type { GovernanceClient } from "./governing.js";

export interface Refusal {
  readonly code: string;
  readonly category?: ErrorCategory;
  readonly message?: RegExp;
}

/** The error that a promise ends with, which must be the one expected. */
export async function refused(promise: Promise<unknown>, expected: Refusal): Promise<AppError> {
  const error = await promise.then(
    () => assert.fail(`succeeded, ${expected.code} was expected`),
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw error;
  assert.equal(error.code, expected.code, error.message);
  if (expected.category !== undefined) assert.equal(error.category, expected.category);
  if (expected.message !== undefined) assert.match(error.message, expected.message);
  return error;
}

/** Who can tell whether something has changed. */
export interface Witnesses {
  readonly node: NodeClient;
  readonly governance: GovernanceClient;
}

/** All that a request could have changed: the last transaction, and what governance shows. */
export async function stateOf({ node, governance: client }: Witnesses): Promise<object> {
  const all = { pageSize: 1000, pageToken: "" };
  const state = governance.ProposalState.UNSPECIFIED;
  const [{ transactionId }, proposals, members, users, service] = await Promise.all([
    node.getCommit({ groupId: 0, viewHistory: false }),
    client.listProposals({ ...all, state }),
    client.listMembers(all),
    client.listUsers(all),
    client.getServiceInfo({}),
  ]);
  return { transactionId, proposals, members, users, service };
}

/** What is done in between changes nothing. */
export async function changesNothing(
  witnesses: Witnesses,
  action: () => Promise<unknown>,
): Promise<void> {
  const before = await stateOf(witnesses);
  await action();
  assert.deepEqual(await stateOf(witnesses), before);
}
