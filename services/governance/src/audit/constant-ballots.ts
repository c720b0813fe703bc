// SPDX-License-Identifier: Apache-2.0
import type { EvaluationLimits } from "../sandbox/limits.js";
import type { Evaluation, EvaluationOutcome } from "../sandbox/protocol.js";
import type { EvaluationHost, Sandbox } from "../sandbox/sandbox.js";

/**
 * A ballot that says nothing but yes or no. It names nothing that could differ from one evaluation to
 * the next: neither state, nor time, nor chance, nor what it is asked about.
 */
const CONSTANT =
  /^\s*export\s+function\s+vote\s*\(\s*(?:[A-Za-z_]\w*\s*(?:,\s*[A-Za-z_]\w*\s*)*)?\)\s*\{\s*return\s+(?:true|false)\s*;?\s*\}\s*;?\s*$/;
/** Longer ones are not looked at: nobody needs so many words to say yes. */
const CHARACTERS_MAX = 200;
const REMEMBERED_MAX = 1_000;

/**
 * Evaluates every text of such a ballot once. With each vote all ballots before it are counted anew,
 * so that most evaluations of a long ledger are of these few texts.
 */
export class ConstantBallots implements Pick<Sandbox, "evaluate"> {
  readonly #sandbox: Pick<Sandbox, "evaluate">;
  readonly #known = new Map<string, EvaluationOutcome>();

  constructor(sandbox: Pick<Sandbox, "evaluate">) {
    this.#sandbox = sandbox;
  }

  async evaluate(
    evaluations: readonly Evaluation[],
    limits: EvaluationLimits,
    host: EvaluationHost,
  ): Promise<readonly EvaluationOutcome[]> {
    const unknown = evaluations.filter((one) => this.#find(one) === undefined);
    if (unknown.length === 0) return evaluations.map((one) => this.#find(one) as EvaluationOutcome);
    const made = await this.#sandbox.evaluate(unknown, limits, host);
    unknown.forEach((one, index) => this.#remember(one, made[index]));
    let next = 0;
    return evaluations.map((one) =>
      unknown.includes(one)
        ? (made[next++] as EvaluationOutcome)
        : (this.#find(one) as EvaluationOutcome),
    );
  }

  #find({ context, module, exportName }: Evaluation): EvaluationOutcome | undefined {
    return context === "vote" && exportName === "vote" ? this.#known.get(module.text) : undefined;
  }

  #remember({ context, module, exportName }: Evaluation, outcome?: EvaluationOutcome): void {
    if (context !== "vote" || exportName !== "vote" || outcome?.ok !== true) return;
    if (this.#known.size >= REMEMBERED_MAX || module.text.length > CHARACTERS_MAX) return;
    if (CONSTANT.test(module.text)) this.#known.set(module.text, outcome);
  }
}
