// SPDX-License-Identifier: Apache-2.0
import { GuestError } from "../host/guest-error.js";
import { governanceErrors } from "../errors.js";
import { readHostApi } from "../sandbox/host-api.js";
import type { EvaluationLimits } from "../sandbox/limits.js";
import type {
  BridgeRequest,
  BridgeWrite,
  Evaluation,
  EvaluationOutcome,
  GuestValue,
} from "../sandbox/protocol.js";
import type { EvaluationHost, Sandbox } from "../sandbox/sandbox.js";
import { type Bridge, EvaluationAborted, WriteBudget } from "../sandbox/worker/bridge-client.js";
import { Evaluator } from "../sandbox/worker/evaluator.js";

/** Told of each evaluation, so that another thread can notice one that never ends. */
export interface EvaluationWatch {
  begin(allowedMs: number): void;
  end(): void;
}

/**
 * The sandbox without a thread of its own: the state is asked without a message in between, which is
 * several times as fast. Nothing here can stop an evaluation that never looks at the clock, so it is
 * for a thread that another one watches, with the stack of {@link WORKER_STACK_MB}.
 */
export class LocalSandbox implements Pick<Sandbox, "evaluate"> {
  readonly #bridge: LocalBridge;
  readonly #evaluator: Evaluator;
  readonly #watch: EvaluationWatch | undefined;

  static async create(watch?: EvaluationWatch): Promise<LocalSandbox> {
    const bridge = new LocalBridge();
    return new LocalSandbox(bridge, await Evaluator.create(readHostApi(), bridge), watch);
  }

  private constructor(bridge: LocalBridge, evaluator: Evaluator, watch?: EvaluationWatch) {
    this.#bridge = bridge;
    this.#evaluator = evaluator;
    this.#watch = watch;
  }

  async evaluate(
    evaluations: readonly Evaluation[],
    limits: EvaluationLimits,
    host: EvaluationHost,
  ): Promise<readonly EvaluationOutcome[]> {
    const outcomes: EvaluationOutcome[] = [];
    while (outcomes.length < evaluations.length) {
      await this.#evaluator.ready();
      this.#bridge.serve(host);
      const job = { evaluations: evaluations.slice(outcomes.length), limits };
      const made = this.#evaluator.run(job, () => this.#watch?.begin(limits.executionMs));
      this.#watch?.end();
      if (this.#bridge.failure !== undefined) throw this.#bridge.failure;
      if (made.length === 0)
        throw governanceErrors("SANDBOX_FAILED", "the sandbox gave no outcome");
      outcomes.push(...made);
    }
    return outcomes;
  }
}

class LocalBridge implements Bridge {
  #host: EvaluationHost | undefined;
  #budget = new WriteBudget();
  #failure: Error | undefined;

  get failure(): Error | undefined {
    return this.#failure;
  }

  get aborted(): boolean {
    return this.#failure !== undefined;
  }

  serve(host: EvaluationHost): void {
    this.#host = host;
    this.#failure = undefined;
  }

  beginJob(): void {
    this.#failure = undefined;
    this.#budget = new WriteBudget();
  }

  request(request: BridgeRequest): Uint8Array | GuestValue | undefined {
    const answer = this.#attempt((host) => host.answer(request));
    switch (answer.kind) {
      case "value":
        return answer.value;
      case "error":
        throw new GuestError(answer.type, answer.message);
      case "abort":
        throw new EvaluationAborted();
    }
  }

  write(request: BridgeWrite): void {
    if (this.#failure === undefined) this.#budget.spend(request);
    this.#attempt((host) => host.write(request));
  }

  /** What our own side throws is no error of the guest: it ends the evaluation. */
  #attempt<T>(action: (host: EvaluationHost) => T): T {
    if (this.#host === undefined || this.#failure !== undefined) throw new EvaluationAborted();
    try {
      return action(this.#host);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw new EvaluationAborted();
    }
  }
}
