// SPDX-License-Identifier: Apache-2.0
import { ballotName } from "../proposal/constitution.js";
import type { EvaluationLimits } from "../sandbox/limits.js";
import type { Evaluation, EvaluationOutcome } from "../sandbox/protocol.js";
import type { EvaluationHost, Sandbox } from "../sandbox/sandbox.js";
import { TIMEOUT_TEXT } from "../sandbox/worker/engine.js";

/** Ballots that the ledger says took too long; by member. */
export interface RecordedTimeouts {
  readonly proposalId: string;
  readonly memberIds: ReadonlySet<string>;
}

/** How an evaluation is to be made again. */
export interface ReplayConditions {
  /** Taken from the ledger as they are, because how long something took cannot be made again. */
  readonly timeouts?: RecordedTimeouts | undefined;
  /** What the limits of time are multiplied with. */
  readonly patience?: number | undefined;
}

/** The sandbox as a replay uses it: notices what took too long here, and knows what did then. */
export class ReplaySandbox implements Pick<Sandbox, "evaluate"> {
  hasTimedOut = false;
  readonly #sandbox: Pick<Sandbox, "evaluate">;
  readonly #tooSlow: ReadonlySet<string>;
  readonly #patience: number;

  constructor(
    sandbox: Pick<Sandbox, "evaluate">,
    { timeouts, patience = 1 }: ReplayConditions = {},
  ) {
    this.#sandbox = sandbox;
    this.#patience = patience;
    this.#tooSlow = new Set(
      [...(timeouts?.memberIds ?? [])].map((id) => ballotName(timeouts?.proposalId ?? "", id)),
    );
  }

  async evaluate(
    evaluations: readonly Evaluation[],
    limits: EvaluationLimits,
    host: EvaluationHost,
  ): Promise<readonly EvaluationOutcome[]> {
    const evaluated = evaluations.filter(({ module }) => !this.#tooSlow.has(module.name));
    const made = await this.#sandbox.evaluate(evaluated, this.#limits(limits), host);
    this.hasTimedOut ||= made.some((outcome) => !outcome.ok && outcome.reason === TIMEOUT_TEXT);
    let next = 0;
    return evaluations.map(({ module }) =>
      this.#tooSlow.has(module.name) ? TOO_SLOW : (made[next++] as EvaluationOutcome),
    );
  }

  #limits(limits: EvaluationLimits): EvaluationLimits {
    const factor = this.#patience;
    if (factor === 1) return limits;
    return {
      ...limits,
      executionMs: limits.executionMs * factor,
      ballotMs: limits.ballotMs * factor,
    };
  }
}

const TOO_SLOW: EvaluationOutcome = { ok: false, stage: "call", reason: TIMEOUT_TEXT, log: [] };
