// SPDX-License-Identifier: Apache-2.0
import { globalFunctions } from "../../host/console.js";
import { conversions } from "../../host/conversions.js";
import { attestationFunctions } from "../../host/attestation.js";
import { cryptoFunctions } from "../../host/crypto.js";
import { effectFunctions } from "../../host/effects.js";
import { GuestError } from "../../host/guest-error.js";
import type { HostFunctions, HostState } from "../../host/host-function.js";
import { kvFunctions } from "../../host/kv.js";
import { DeterministicRandom } from "../../host/random.js";
import { validateConstitution } from "../../host/validate-constitution.js";
import type { EvaluationLimits } from "../limits.js";
import type {
  Evaluation,
  EvaluationFailure,
  EvaluationOutcome,
  Job,
  ResultDescription,
} from "../protocol.js";
import type { Bridge } from "./bridge-client.js";
import { Engine, type GuestFailure } from "./engine.js";

type MutableState = { -readonly [K in keyof HostState]: HostState[K] };

/** Runs evaluations, each in a state that nothing touched before. */
export class Evaluator {
  readonly #hostApi: string;
  readonly #bridge: Bridge;
  readonly #functions: HostFunctions;
  /** For the code itself, and for the constitution that it asks about. */
  #outer!: Engine;
  #inner!: Engine;
  #limits!: EvaluationLimits;
  #state: MutableState = emptyState();

  static async create(hostApi: string, bridge: Bridge): Promise<Evaluator> {
    const evaluator = new Evaluator(hostApi, bridge);
    evaluator.#outer = await evaluator.#newEngine();
    evaluator.#inner = await evaluator.#newEngine();
    return evaluator;
  }

  constructor(hostApi: string, bridge: Bridge) {
    this.#hostApi = hostApi;
    this.#bridge = bridge;
    this.#functions = {
      ...globalFunctions,
      ...conversions,
      ...attestationFunctions,
      ...cryptoFunctions,
      ...kvFunctions(bridge),
      ...effectFunctions(bridge),
      "gov.validateConstitution": ([text]) => this.#validateConstitution(text),
    };
  }

  /** Replaces what is broken. */
  async ready(): Promise<void> {
    if (this.#outer.broken) this.#outer = await this.#newEngine();
    if (this.#inner.broken) this.#inner = await this.#newEngine();
  }

  /** Stops at the first evaluation after which the rest makes no sense. */
  run(job: Job, onBegin: (begun: number) => void): EvaluationOutcome[] {
    this.#limits = job.limits;
    this.#bridge.beginJob();
    const outcomes: EvaluationOutcome[] = [];
    for (const evaluation of job.evaluations) {
      if (this.#outer.broken || this.#bridge.aborted) break;
      onBegin(outcomes.length + 1);
      outcomes.push(this.#evaluate(evaluation));
    }
    return outcomes;
  }

  #evaluate(evaluation: Evaluation): EvaluationOutcome {
    const { context, exportName, module } = evaluation;
    const log: HostState["log"] = [];
    this.#state = { context: "load", random: new DeterministicRandom(evaluation.seed), log };
    const engine = this.#outer;
    const { ballotMs, executionMs } = this.#limits;
    const deadline = performance.now() + (context === "vote" ? ballotMs : executionMs);
    const loaded = engine.load(module, this.#limits, deadline);
    if (!loaded.ok) {
      return {
        ...outcome(loaded.name === "SyntaxError" ? "compile" : "execute", loaded, engine),
        log,
      };
    }
    engine.begin({ nowMs: evaluation.nowMs, effects: context === "apply" });
    if (engine.parametersOf(loaded.value, exportName) === undefined) {
      const reason = `Failed to find export '${exportName}' in module '${module.name}'`;
      return { ok: false, stage: "export", reason, log };
    }
    this.#state.context = context;
    const called = engine.call(loaded.value, exportName, evaluation.args);
    if (!called.ok) return { ...outcome("call", called, engine), log };
    return { ok: true, result: JSON.parse(called.value) as ResultDescription, log };
  }

  #newEngine(): Promise<Engine> {
    return Engine.create(this.#hostApi, (operation, valuesJson, first, second) => {
      const hostFunction = this.#functions[operation];
      try {
        if (hostFunction === undefined)
          throw new GuestError("TypeError", `${operation} is not a function`);
        const result = hostFunction(
          JSON.parse(valuesJson) as unknown[],
          [first, second],
          this.#state,
        );
        if (result instanceof Uint8Array) return result;
        return result === undefined ? "" : `=${JSON.stringify(result)}`;
      } catch (error) {
        return `!${JSON.stringify(guestError(error))}`;
      }
    });
  }

  #validateConstitution(text: unknown): true {
    const outer = this.#state;
    // Nothing that the proposed text does while it is loaded counts.
    this.#state = emptyState();
    try {
      return validateConstitution(text, this.#inner, this.#limits, this.#outer.deadline);
    } finally {
      this.#state = outer;
    }
  }
}

function emptyState(): MutableState {
  return { context: "load", random: new DeterministicRandom(new Uint8Array(32)), log: [] };
}

function guestError(error: unknown): { type: string; message: string } {
  if (error instanceof GuestError) return { type: error.type, message: error.message };
  // The main thread has given up, or our own code failed: nothing of it is for the guest.
  return { type: "InternalError", message: "the host refused" };
}

function outcome(
  stage: "compile" | "execute" | "call",
  failure: GuestFailure,
  engine: Engine,
): EvaluationFailure {
  const reached = engine.crashed ? "engine" : stage;
  const { reason, trace } = failure;
  return trace === ""
    ? { ok: false, stage: reached, reason }
    : { ok: false, stage: reached, reason, trace };
}
