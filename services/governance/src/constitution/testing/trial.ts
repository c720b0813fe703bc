// SPDX-License-Identifier: Apache-2.0
import {
  keyFromText,
  KvState,
  keyToText,
  SINGLETON_KEY,
  Transaction,
  type WriteSet,
} from "@consortium/ledger";
import type { channel } from "@consortium/proto";
import { DEFAULT_LIMITS } from "../../sandbox/limits.js";
import type { EvaluationContext, EvaluationOutcome, GuestValue } from "../../sandbox/protocol.js";
import type { Sandbox } from "../../sandbox/sandbox.js";
import { TransactionHost } from "../../sandbox/transaction-host.js";

/** Tables by name, and their rows by key, as text; `null` stands for a row that is removed. */
export type Rows = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/** The key of a table that has one row. */
export const ONE = keyToText(SINGLETON_KEY);

export interface Validation {
  readonly valid: boolean;
  readonly description: string | undefined;
}

export interface Application {
  /** Why it failed, if it did. */
  readonly failure: string | undefined;
  readonly writes: Rows;
  readonly effects: readonly channel.Effect["effect"][];
}

export interface Vote {
  readonly member_id: string;
  readonly vote: boolean;
}

/** What stands for certificates until the primary has made them begins like this. */
export const PLACEHOLDER = "certificate-placeholder-trial";

/** One constitution in the real sandbox, on a state given as text. */
export class Trial {
  readonly #sandbox: Sandbox;
  readonly #constitution: string;

  constructor(sandbox: Sandbox, constitution: string) {
    this.#sandbox = sandbox;
    this.#constitution = constitution;
  }

  async validate(proposal: string, state: Rows = {}): Promise<Validation> {
    const { outcome } = await this.#call("validate", [proposal], state);
    if (!outcome.ok) throw new Error(`validate threw: ${outcome.reason}`);
    const { result } = outcome;
    if (!("valid" in result)) throw new Error(`validate returned ${result.type}`);
    return { valid: result.valid, description: result.description };
  }

  async resolve(votes: readonly Vote[], state: Rows): Promise<string> {
    const args = ["{}", "proposer", votes.map((vote) => ({ ...vote })), "proposal"];
    const { outcome } = await this.#call("resolve", args, state);
    if (!outcome.ok) throw new Error(`resolve threw: ${outcome.reason}`);
    const { result } = outcome;
    if (!("value" in result)) throw new Error(`resolve returned ${result.type}`);
    return String(result.value);
  }

  async apply(proposal: string, proposalId: string, state: Rows): Promise<Application> {
    const call = await this.#call("apply", [proposal, proposalId], state);
    return {
      failure: call.outcome.ok ? undefined : call.outcome.reason,
      writes: rowsOf(call.tx.writes),
      effects: call.effects.map(({ effect }) => effect),
    };
  }

  async #call(
    context: EvaluationContext,
    args: readonly GuestValue[],
    state: Rows,
  ): Promise<{ outcome: EvaluationOutcome; tx: Transaction; effects: channel.Effect[] }> {
    const tx = new Transaction(stateOf(state).committed);
    const effects: channel.Effect[] = [];
    const [outcome] = await this.#sandbox.evaluate(
      [
        {
          module: { name: "constitution", text: this.#constitution, keep: true },
          context,
          exportName: context,
          args,
          nowMs: 0,
          seed: new Uint8Array(32),
        },
      ],
      DEFAULT_LIMITS,
      new TransactionHost(tx, effects, "trial"),
    );
    if (outcome === undefined) throw new Error("the sandbox gave no outcome");
    return { outcome, tx, effects };
  }
}

export function proposalOf(...actions: readonly { name: string; args?: unknown }[]): string {
  return JSON.stringify({ actions });
}

/** The first where both have a row. */
export function withRows(changes: Rows, state: Rows): Rows {
  const names = new Set([...Object.keys(state), ...Object.keys(changes)]);
  return Object.fromEntries([...names].map((name) => [name, { ...state[name], ...changes[name] }]));
}

function stateOf(rows: Rows): KvState {
  const writes: WriteSet = new Map();
  for (const [table, byKey] of Object.entries(rows)) {
    const present = Object.entries(byKey).filter(([, text]) => text !== null);
    writes.set(
      table,
      new Map(present.map(([key, text]) => [keyFromText(key), Buffer.from(text ?? "")])),
    );
  }
  const state = new KvState();
  state.apply(1, writes);
  state.commit(1);
  return state;
}

function rowsOf(writes: WriteSet): Rows {
  const tables = [...writes].filter(([, byKey]) => byKey.size > 0);
  return Object.fromEntries(
    tables.map(([table, byKey]) => [
      table,
      Object.fromEntries(
        [...byKey].map(([key, value]) => [
          keyToText(key),
          value === null ? null : Buffer.from(value).toString("utf8"),
        ]),
      ),
    ]),
  );
}
