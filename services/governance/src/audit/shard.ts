// SPDX-License-Identifier: Apache-2.0
import { Worker } from "node:worker_threads";
import { governanceErrors } from "../errors.js";
import { WORKER_STACK_MB } from "../sandbox/limits.js";
import type { Conclusion } from "../rehearse/conclusion.js";
import type {
  ShardBatch,
  ShardMessage,
  ShardOrder,
  ShardStart,
  ShardTask,
  ShardVerdict,
} from "./shard-protocol.js";

export interface ShardOptions {
  readonly task: ShardTask;
  readonly isCareful: boolean;
  readonly onVerdicts: (verdicts: readonly ShardVerdict[]) => void;
}

/** As in the sandbox: how long an evaluation may take beyond its limit before it counts as hung. */
const GRACE_MS = 2_000;
const WATCH_PERIOD_MS = 250;
const BATCHES_WAITING_MAX = 4;
const OLD_GENERATION_MB = 2_048;

/** A thread that judges its part of the transactions, as seen from the main thread. */
export class Shard implements AsyncDisposable {
  /** It was ended because an evaluation in it did not end. What it had judged before counts. */
  isLost = false;
  /** Everything of its own up to here is judged. */
  lastSeqno = 0;
  readonly #worker: Worker;
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #options: ShardOptions;
  readonly #watch: NodeJS.Timeout;
  #waiting = 0;
  #failure: Error | undefined;
  #conclusion: Conclusion | undefined;
  #wake: () => void = () => undefined;

  constructor(options: ShardOptions) {
    this.#options = options;
    const { task, isCareful } = options;
    const workerData: ShardStart = { task, isCareful, shared: this.#shared };
    this.#worker = new Worker(new URL("./shard-worker.js", import.meta.url), {
      workerData,
      name: "audit",
      resourceLimits: { stackSizeMb: WORKER_STACK_MB, maxOldGenerationSizeMb: OLD_GENERATION_MB },
    });
    this.#worker.on("message", (message: ShardMessage) => this.#receive(message));
    this.#worker.on("error", (error: unknown) => this.#fail(String(error)));
    this.#watch = this.#watchEvaluations();
  }

  /** Resolves when there is room for more. A shard that is lost takes nothing. */
  async send(batch: ShardBatch): Promise<void> {
    await this.#until(() => this.#waiting < BATCHES_WAITING_MAX);
    if (this.isLost) return;
    this.#waiting += 1;
    this.#post({ kind: "judge", batch });
  }

  /** Resolves when everything sent is judged, or the shard is lost. */
  async settle(): Promise<void> {
    await this.#until(() => this.#waiting === 0);
  }

  /** What the state that was reached says of the constitution that is rehearsed. */
  async conclude(): Promise<Conclusion | undefined> {
    await this.settle();
    if (this.isLost) return undefined;
    this.#waiting += 1;
    this.#post({ kind: "conclude" });
    await this.settle();
    return this.#conclusion;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    await this.#worker.terminate();
  }

  #post(order: ShardOrder): void {
    this.#worker.postMessage(order);
  }

  async #until(isTrue: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.isLost || isTrue()) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #receive(message: ShardMessage): void {
    switch (message.kind) {
      case "judged":
        this.#options.onVerdicts(message.verdicts);
        this.lastSeqno = message.lastSeqno;
        break;
      case "concluded":
        this.#conclusion = message.conclusion;
        break;
      case "failed":
        return this.#fail(message.message);
    }
    this.#waiting -= 1;
    this.#wake();
  }

  #fail(message: string): void {
    this.#failure ??= governanceErrors(
      "SANDBOX_FAILED",
      `a thread of the audit failed: ${message}`,
    );
    this.#wake();
  }

  #watchEvaluations(): NodeJS.Timeout {
    let [begun, since] = [0, performance.now()];
    return setInterval(() => {
      const now = Atomics.load(this.#shared, 0);
      const allowedMs = Atomics.load(this.#shared, 1);
      if (now !== begun || allowedMs === 0) [begun, since] = [now, performance.now()];
      if (performance.now() - since < allowedMs + GRACE_MS) return;
      this.isLost = true;
      void this.#worker.terminate();
      this.#wake();
    }, WATCH_PERIOD_MS);
  }
}
