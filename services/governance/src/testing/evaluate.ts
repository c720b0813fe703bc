// SPDX-License-Identifier: Apache-2.0
import { KvState, Transaction, type WriteSet } from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import { DEFAULT_LIMITS, type EvaluationLimits } from "../sandbox/limits.js";
import type {
  Evaluation,
  EvaluationContext,
  EvaluationOutcome,
  GuestValue,
} from "../sandbox/protocol.js";
import type { Sandbox } from "../sandbox/sandbox.js";
import { TransactionHost } from "../sandbox/transaction-host.js";

export interface EvaluateOptions {
  readonly context?: EvaluationContext;
  readonly args?: readonly GuestValue[];
  readonly state?: WriteSet;
  readonly limits?: EvaluationLimits;
  readonly nowMs?: number;
}

export interface Evaluated {
  readonly outcome: EvaluationOutcome;
  readonly tx: Transaction;
  readonly effects: channel.Effect[];
}

/** Evaluates a module that exports `f`, on a state of its own. */
export async function evaluateModule(
  sandbox: Sandbox,
  text: string,
  options: EvaluateOptions = {},
): Promise<Evaluated> {
  const state = new KvState();
  if (options.state !== undefined) {
    state.apply(1, options.state);
    state.commit(1);
  }
  const tx = new Transaction(state.committed);
  const effects: channel.Effect[] = [];
  const [outcome] = await sandbox.evaluate(
    [evaluationOf(text, options)],
    options.limits ?? DEFAULT_LIMITS,
    new TransactionHost(tx, effects, "test"),
  );
  if (outcome === undefined) throw new Error("no outcome");
  return { outcome, tx, effects };
}

export function evaluationOf(text: string, options: EvaluateOptions = {}): Evaluation {
  return {
    module: { name: "module", text, keep: false },
    context: options.context ?? "apply",
    exportName: "f",
    args: options.args ?? [],
    nowMs: options.nowMs ?? 1_000,
    seed: new Uint8Array(32),
  };
}

/** What an expression is, as JSON text; throws what it throws. */
export async function evaluateExpression(
  sandbox: Sandbox,
  expression: string,
  options: EvaluateOptions = {},
): Promise<unknown> {
  const text = `export function f(...args) { return JSON.stringify(${expression}) ?? "undefined"; }`;
  const { outcome } = await evaluateModule(sandbox, text, options);
  if (!outcome.ok) throw new Error(outcome.reason);
  const { result } = outcome;
  const json = "value" in result ? String(result.value) : "";
  return json === "undefined" ? undefined : (JSON.parse(json) as unknown);
}
