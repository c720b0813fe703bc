// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { rows, SINGLETON_KEY, TABLES } from "@consortium/ledger";
import type { Logger } from "@consortium/kit";
import { governanceErrors } from "../errors.js";
import { type EvaluationLimits, limitsFrom } from "../sandbox/limits.js";
import type {
  Evaluation,
  EvaluationContext,
  EvaluationFailure,
  EvaluationOutcome,
  GuestValue,
  ResultDescription,
} from "../sandbox/protocol.js";
import type { Sandbox } from "../sandbox/sandbox.js";
import { TransactionHost } from "../sandbox/transaction-host.js";
import type { Execution } from "./execute.js";

/** What a signed request contributes to the evaluation: its time, and its randomness. */
export interface RequestFacts {
  readonly digest: Uint8Array;
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

export interface Ballot {
  readonly memberId: string;
  readonly text: string;
}

type Evaluated = { ok: true; result: ResultDescription } | EvaluationFailure;
const MODULE_NAME = "public:ccf.gov.constitution[0]";
/** The last moment that a `Date` can hold. */
const DATE_MS_MAX = 8.64e15;

export interface ConstitutionOptions {
  readonly sandbox: Pick<Sandbox, "evaluate">;
  readonly log: Logger | undefined;
  /** Used where the service has stored no higher ones. */
  readonly limits: EvaluationLimits;
}

/** The constitution in force, on the state of one execution. */
export class Constitution {
  readonly #options: ConstitutionOptions;
  readonly #text: string;
  readonly #limits: EvaluationLimits;
  readonly #host: TransactionHost;
  readonly #request: RequestFacts;

  constructor(execution: Execution, request: RequestFacts, options: ConstitutionOptions) {
    const { tx, effects } = execution;
    const row = tx.get(TABLES.constitution, SINGLETON_KEY);
    if (row === undefined) {
      throw governanceErrors("SERVICE_NOT_INITIALISED", "the ledger has no constitution yet");
    }
    const stored = tx.get(TABLES.jsRuntimeOptions, SINGLETON_KEY);
    this.#text = textOf(row);
    this.#limits = limitsFrom(
      stored === undefined ? undefined : rows.jsRuntimeOptions.decode(stored),
      options.limits,
    );
    this.#host = new TransactionHost(tx, effects, Buffer.from(request.digest).toString("hex"));
    this.#request = request;
    this.#options = options;
  }

  validate(body: string): Promise<Evaluated> {
    return this.#call("validate", [body]);
  }

  resolve(
    body: string,
    proposerId: string,
    votes: readonly { member_id: string; vote: boolean }[],
    proposalId: string,
  ): Promise<Evaluated> {
    return this.#call("resolve", [
      body,
      proposerId,
      votes.map((vote) => ({ ...vote })),
      proposalId,
    ]);
  }

  apply(body: string, proposalId: string): Promise<Evaluated> {
    return this.#call("apply", [body, proposalId]);
  }

  /** What each ballot says now, in their order. Each runs in a state of its own. */
  async vote(
    ballots: readonly Ballot[],
    body: string,
    proposerId: string,
    proposalId: string,
  ): Promise<readonly EvaluationOutcome[]> {
    const evaluations = ballots.map(({ memberId, text }) => ({
      ...this.#evaluation("vote", `vote ${memberId}`, [body, proposerId]),
      module: { name: ballotName(proposalId, memberId), text, keep: false },
    }));
    const outcomes = await this.#evaluate(evaluations);
    outcomes.forEach((outcome, index) =>
      this.#logLines(evaluations[index]?.module.name ?? "", outcome),
    );
    return outcomes;
  }

  async #call(
    exportName: "validate" | "resolve" | "apply",
    args: readonly GuestValue[],
  ): Promise<Evaluated> {
    const evaluation = this.#evaluation(exportName, exportName, args);
    const [outcome] = await this.#evaluate([evaluation]);
    if (outcome === undefined)
      throw governanceErrors("SANDBOX_FAILED", "the sandbox gave no outcome");
    this.#logLines(exportName, outcome);
    return outcome;
  }

  #evaluate(evaluations: readonly Evaluation[]): Promise<readonly EvaluationOutcome[]> {
    return this.#options.sandbox.evaluate(evaluations, this.#limits, this.#host);
  }

  #evaluation(context: EvaluationContext, label: string, args: readonly GuestValue[]): Evaluation {
    return {
      module: { name: MODULE_NAME, text: this.#text, keep: true },
      context,
      exportName: context,
      args,
      nowMs: Math.min(this.#request.createdAt * 1000, DATE_MS_MAX),
      seed: createHash("sha256").update(this.#request.digest).update(label).digest(),
    };
  }

  #logLines(source: string, { log }: EvaluationOutcome): void {
    for (const { level, text } of log) {
      this.#options.log?.[level === "log" ? "info" : level](
        { source, text },
        "constitution console",
      );
    }
  }
}

const texts = new WeakMap<Uint8Array, string>();

/** Decoded once for as long as it is in force: it is long, and every request asks for it. */
function textOf(row: Uint8Array): string {
  let text = texts.get(row);
  if (text === undefined) texts.set(row, (text = rows.constitution.decode(row)));
  return text;
}

/** As CCF names the module of a ballot in its traces. */
export function ballotName(proposalId: string, memberId: string): string {
  return `public:ccf.gov.proposals_info[${proposalId}].ballots[m[${memberId}]]`;
}
