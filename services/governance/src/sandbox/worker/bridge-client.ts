// SPDX-License-Identifier: Apache-2.0
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { GuestError } from "../../host/guest-error.js";
import type {
  BridgeAnswer,
  BridgeRequest,
  BridgeWrite,
  GuestValue,
  WorkerMessage,
} from "../protocol.js";

/** Thrown through the guest when the main thread no longer wants the answer. */
export class EvaluationAborted extends Error {}

/** One evaluation cannot make the main thread hold more than this. */
const WRITTEN_BYTES_MAX = 64 * 1024 * 1024;

/** Counts what the evaluations of one job write. */
export class WriteBudget {
  #writtenBytes = 0;

  /** Throws a `GuestError` when it is used up. */
  spend(request: BridgeWrite): void {
    this.#writtenBytes +=
      64 + (request.op === "put" ? request.value.length + request.key.length : 0);
    if (this.#writtenBytes > WRITTEN_BYTES_MAX) {
      throw new GuestError("RangeError", "Too much was written in one evaluation");
    }
  }
}

/** What the host functions need of the way to the state. */
export type Bridge = Pick<BridgeClient, "aborted" | "beginJob" | "request" | "write">;

/** The worker's way to the state: reads wait for the main thread, writes are sent after it. */
export class BridgeClient {
  readonly #port: MessagePort;
  readonly #shared: Int32Array;
  #budget = new WriteBudget();
  #aborted = false;

  constructor(port: MessagePort, shared: Int32Array) {
    this.#port = port;
    this.#shared = shared;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  beginJob(): void {
    this.#budget = new WriteBudget();
    this.#aborted = false;
  }

  request(request: BridgeRequest): Uint8Array | GuestValue | undefined {
    if (this.#aborted) throw new EvaluationAborted();
    const before = Atomics.load(this.#shared, 0);
    this.#send({ kind: "call", request });
    // Without a limit: the main thread always answers, and its watchdog ends a thread that hangs.
    Atomics.wait(this.#shared, 0, before);
    const received = receiveMessageOnPort(this.#port) as { message: BridgeAnswer } | undefined;
    const answer = received?.message ?? { kind: "abort" };
    switch (answer.kind) {
      case "value":
        return answer.value;
      case "error":
        throw new GuestError(answer.type, answer.message);
      case "abort":
        this.#aborted = true;
        throw new EvaluationAborted();
    }
  }

  write(request: BridgeWrite): void {
    if (this.#aborted) throw new EvaluationAborted();
    this.#budget.spend(request);
    this.#send({ kind: "write", request });
  }

  #send(message: WorkerMessage): void {
    this.#port.postMessage(message);
  }
}
