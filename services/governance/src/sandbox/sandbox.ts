// SPDX-License-Identifier: Apache-2.0
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { governanceErrors } from "../errors.js";
import { readHostApi } from "./host-api.js";
import { type EvaluationLimits, WORKER_STACK_MB } from "./limits.js";
import type {
  BridgeAnswer,
  BridgeRequest,
  BridgeWrite,
  Evaluation,
  EvaluationOutcome,
  Job,
  WorkerMessage,
  WorkerStart,
} from "./protocol.js";

/** Serves the state to what is being evaluated. What it throws ends the evaluation. */
export interface EvaluationHost {
  answer(request: BridgeRequest): BridgeAnswer;
  write(request: BridgeWrite): void;
}

interface Running {
  readonly host: EvaluationHost;
  readonly finish: (result: JobResult) => void;
  failure: unknown;
}

type JobResult =
  | { readonly kind: "done"; readonly outcomes: readonly EvaluationOutcome[] }
  /** The evaluation at this index did not come back. */
  | { readonly kind: "hung"; readonly index: number }
  | { readonly kind: "failed"; readonly error: unknown };

interface WorkerThread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly shared: Int32Array;
}

/** Beyond the limit that the interpreter itself keeps: for built-in functions that never look. */
const WATCHDOG_GRACE_MS = 500;
const WATCHDOG_PERIOD_MS = 250;
const OLD_GENERATION_MB = 512;

/**
 * Evaluates untrusted JavaScript in a worker thread, one job at a time. The thread stays warm; one
 * that hangs or dies is replaced, and the job goes on without what hung.
 */
export class Sandbox implements AsyncDisposable {
  readonly #hostApi = readHostApi();
  #thread: Promise<WorkerThread>;
  /** Threads are counted, so that the end of one that was replaced is not taken for the next. */
  #generation = 0;
  #running: Running | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  static async start(): Promise<Sandbox> {
    const sandbox = new Sandbox();
    await sandbox.#thread;
    return sandbox;
  }

  private constructor() {
    this.#thread = this.#respawn();
  }

  /** One outcome for each evaluation. Rejects with what the host threw. */
  evaluate(
    evaluations: readonly Evaluation[],
    limits: EvaluationLimits,
    host: EvaluationHost,
  ): Promise<readonly EvaluationOutcome[]> {
    const result = this.#queue.then(() => this.#evaluateAll(evaluations, limits, host));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#thread.catch(() => undefined);
    thread?.port.close();
    await thread?.worker.terminate();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #evaluateAll(
    evaluations: readonly Evaluation[],
    limits: EvaluationLimits,
    host: EvaluationHost,
  ): Promise<readonly EvaluationOutcome[]> {
    const outcomes = new Map<number, EvaluationOutcome>();
    while (outcomes.size < evaluations.length) {
      const missing = [...evaluations.keys()].filter((index) => !outcomes.has(index));
      const job = { evaluations: missing.map((index) => evaluations[index] as Evaluation), limits };
      const result = await this.#run(job, host);
      if (result.kind === "failed") throw result.error;
      if (result.kind === "hung") {
        outcomes.set(missing[result.index] as number, HUNG);
        continue;
      }
      if (result.outcomes.length === 0)
        throw governanceErrors("SANDBOX_FAILED", "the sandbox gave no outcome");
      result.outcomes.forEach((outcome, index) => outcomes.set(missing[index] as number, outcome));
    }
    return evaluations.map((_, index) => outcomes.get(index) as EvaluationOutcome);
  }

  async #run(job: Job, host: EvaluationHost): Promise<JobResult> {
    if (this.#closed) throw governanceErrors("SANDBOX_FAILED", "the sandbox is closed");
    const { worker, port, shared } = await this.#thread.catch((cause: unknown) => {
      this.#thread = this.#respawn();
      throw governanceErrors("SANDBOX_FAILED", "the sandbox could not be started", { cause });
    });
    Atomics.store(shared, 1, 0);
    const done = new Promise<JobResult>((finish) => {
      this.#running = { host, finish, failure: undefined };
    });
    port.postMessage(job);
    const stopWatching = this.#watch(shared, job.limits.executionMs + WATCHDOG_GRACE_MS);
    const result = await done;
    stopWatching();
    this.#running = undefined;
    if (result.kind !== "done") {
      this.#thread = this.#respawn();
      port.close();
      await worker.terminate();
    }
    return result;
  }

  /** Gives up on the running job when no further evaluation was begun for too long. */
  #watch(shared: Int32Array, allowedMs: number): () => void {
    let [begun, since] = [0, performance.now()];
    const timer = setInterval(() => {
      const now = Atomics.load(shared, 1);
      if (now !== begun) [begun, since] = [now, performance.now()];
      if (performance.now() - since < allowedMs) return;
      this.#running?.finish({ kind: "hung", index: Math.max(0, now - 1) });
    }, WATCHDOG_PERIOD_MS);
    return () => clearInterval(timer);
  }

  #respawn(): Promise<WorkerThread> {
    this.#generation += 1;
    const thread = this.#spawn(this.#generation);
    // Whoever uses it next is told.
    thread.catch(() => undefined);
    return thread;
  }

  async #spawn(generation: number): Promise<WorkerThread> {
    const { port1, port2 } = new MessageChannel();
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const workerData: WorkerStart = { port: port2, shared, hostApi: this.#hostApi };
    const worker = new Worker(new URL("./worker/worker.js", import.meta.url), {
      workerData,
      transferList: [port2],
      name: "constitution",
      resourceLimits: { stackSizeMb: WORKER_STACK_MB, maxOldGenerationSizeMb: OLD_GENERATION_MB },
    });
    const fail = (error: unknown): void => {
      if (generation !== this.#generation) return;
      this.#running?.finish({
        kind: "failed",
        error: governanceErrors("SANDBOX_FAILED", "the sandbox stopped unexpectedly", {
          cause: error,
        }),
      });
    };
    await new Promise<void>((resolve, reject) => {
      worker.once("error", (error) => {
        reject(error);
        fail(error);
      });
      port1.on("message", (message: WorkerMessage) => {
        if (message.kind === "ready") resolve();
        else if (message.kind === "failedToStart") reject(new Error(message.message));
        else this.#receive(message, port1, shared);
      });
    });
    worker.on("error", fail);
    worker.once("exit", () => {
      if (generation !== this.#generation || this.#closed) return;
      if (this.#running === undefined) this.#thread = this.#respawn();
      else fail(new Error("the worker has ended"));
    });
    // The process may end while the thread waits for work.
    worker.unref();
    port1.unref();
    return { worker, port: port1, shared };
  }

  #receive(message: WorkerMessage, port: MessagePort, shared: Int32Array): void {
    const running = this.#running;
    if (running === undefined) return;
    if (message.kind === "done") {
      if (running.failure === undefined)
        running.finish({ kind: "done", outcomes: message.outcomes });
      else running.finish({ kind: "failed", error: running.failure });
      return;
    }
    if (message.kind === "write") {
      try {
        if (running.failure === undefined) running.host.write(message.request);
      } catch (error) {
        running.failure = error;
      }
      return;
    }
    if (message.kind !== "call") return;
    port.postMessage(this.#answer(running, message.request));
    Atomics.add(shared, 0, 1);
    Atomics.notify(shared, 0);
  }

  #answer(running: Running, request: BridgeRequest): BridgeAnswer {
    if (running.failure !== undefined) return { kind: "abort" };
    try {
      return running.host.answer(request);
    } catch (error) {
      running.failure = error;
      return { kind: "abort" };
    }
  }
}

const HUNG: EvaluationOutcome = {
  ok: false,
  stage: "call",
  reason: "Operation took too long to complete.",
  log: [],
};
