// SPDX-License-Identifier: Apache-2.0
import type { channel } from "@consortium/proto";
import { json } from "./state.js";
import type { Rows } from "./trial.js";

export type Effect = channel.Effect["effect"];

/** An action that is valid, on a state, and what becomes of it. */
export interface GoodCase {
  readonly action: string;
  /** What this case is about, if not the plain use. */
  readonly about?: string;
  readonly args?: unknown;
  /** Rows that differ from those of the common state. */
  readonly given?: Rows;
  readonly writes?: Rows;
  readonly effects?: readonly Effect[];
  /** Why `apply` refuses it. */
  readonly failure?: string;
  /** In what ours differs, where the constitution recorded by CCF does something else. */
  readonly unlikeCcf?: string;
}

/** Arguments that are refused, and what is said of them. */
export interface BadCase {
  readonly action: string;
  readonly args?: unknown;
  readonly given?: Rows;
  readonly message: string | RegExp;
}

/** A good call, and arguments that replace one of its own, each with what is said of it. */
export function badArguments(
  action: string,
  good: Readonly<Record<string, unknown>>,
  faults: readonly (readonly [name: string, value: unknown, message: string | RegExp])[],
): BadCase[] {
  const noObject = [undefined, null, "text", 7, [good]].map((args) => ({
    action,
    args,
    message: /^args must be an object but is (missing|null|a string|a number|an array)$/,
  }));
  const bad = faults.map(([name, value, message]) => ({
    action,
    args: { ...good, [name]: value },
    message,
  }));
  return [...noObject, ...bad];
}

export function describeArgs(args: unknown): string {
  const text = json(args) ?? "nothing";
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

export const rekey: Effect = { $case: "triggerLedgerRekey", value: {} };
export const refreshShares: Effect = { $case: "triggerRecoverySharesRefresh", value: {} };
