// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from "node:timers/promises";
import type { channel } from "@consortium/proto";
import { isAppError } from "@consortium/kit";
import { parseTransactionId, Transaction } from "@consortium/ledger";
import { governanceErrors } from "../errors.js";
import type { LedgerPort, LedgerSnapshot, PreparedTransaction } from "../ports.js";
import { SIGNATURE_TABLES, SnapshotGuard, StaleSnapshot } from "./snapshot-guard.js";

/** What one execution works on. */
export interface Execution {
  readonly tx: Transaction;
  readonly effects: channel.Effect[];
  readonly snapshot: LedgerSnapshot;
}

/** What an execution came to. */
export type Decision<T> =
  | {
      readonly commit: true;
      readonly value: T;
      /** What to do instead when the primary could not do what was asked of it. */
      readonly ifEffectFails?: (reason: string) => Decision<T>;
    }
  /** Nothing changes: the same answer was given before. */
  | { readonly commit: false; readonly value: T }
  /** The caller is refused, and this transaction, in place of the other, records why. */
  | { readonly commit: true; readonly instead: Transaction; readonly refusal: Error };

export interface Committed<T> {
  readonly value: T;
  readonly transactionId: string;
}

const EXECUTIONS_MAX = 30;
/** A conflict with something that is still on its way: the replica may have to wait for it. */
const NEWER_WAIT_MS = 1_000;

/**
 * Executes on a snapshot, has the primary order the result, and executes again when something that
 * was read has changed meanwhile: at most 30 times. Answers when this node has the transaction too.
 */
export async function executeAndCommit<T>(
  ledger: LedgerPort,
  signal: AbortSignal | undefined,
  decide: (execution: Execution) => Promise<Decision<T>>,
): Promise<Committed<T>> {
  for (let attempt = 1; attempt <= EXECUTIONS_MAX; attempt += 1) {
    signal?.throwIfAborted();
    const snapshot = ledger.snapshot();
    const tx = new Transaction(new SnapshotGuard(snapshot));
    const execution: Execution = { tx, effects: [], snapshot };
    try {
      const decision = await decide(execution);
      if (!decision.commit) {
        return { value: decision.value, transactionId: `${snapshot.view}.${snapshot.seqno}` };
      }
      return await commit(ledger, execution, decision, signal);
    } catch (error) {
      if (error instanceof StaleSnapshot) continue;
      if (!isAppError(error, "TRANSACTION_CONFLICT")) throw error;
      await waitForNewer(ledger, snapshot.seqno, signal);
    }
  }
  throw governanceErrors(
    "TOO_MANY_CONFLICTS",
    `other changes came first ${EXECUTIONS_MAX} times; nothing was recorded`,
    { hint: "Send the same request again." },
  );
}

async function commit<T>(
  ledger: LedgerPort,
  execution: Execution,
  decision: Decision<T> & { readonly commit: true },
  signal: AbortSignal | undefined,
): Promise<Committed<T>> {
  const { snapshot } = execution;
  const ordered =
    "instead" in decision ? { tx: decision.instead, effects: [], snapshot } : execution;
  let transactionId: string;
  try {
    ({ transactionId } = await ledger.submit(prepare(ordered), { signal }));
  } catch (error) {
    if (!isAppError(error, "EFFECT_FAILED") || !("ifEffectFails" in decision)) throw error;
    const other = decision.ifEffectFails(error.message);
    if (!other.commit) throw error;
    return commit(ledger, execution, other, signal);
  }
  await ledger.reached(seqnoOf(transactionId), { signal });
  if ("refusal" in decision) throw decision.refusal;
  return { value: decision.value, transactionId };
}

/** The signature tables change with every commit and decide nothing: they are no dependency. */
export function prepare({ tx, effects, snapshot }: Execution): PreparedTransaction {
  return {
    readVersion: snapshot.seqno,
    reads: tx.reads.filter(({ map }) => !SIGNATURE_TABLES.has(map)),
    writes: tx.writes,
    effects,
  };
}

function seqnoOf(transactionId: string): number {
  const parsed = parseTransactionId(transactionId);
  if (parsed === undefined) throw new TypeError(`${transactionId} is not a transaction id`);
  return parsed.seqno;
}

async function waitForNewer(
  ledger: LedgerPort,
  seqno: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const timeout = AbortSignal.timeout(NEWER_WAIT_MS);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    await ledger.reached(seqno + 1, { signal: either });
  } catch (error) {
    if (!timeout.aborted) throw error;
    await delay(1);
  }
}
