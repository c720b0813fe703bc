// SPDX-License-Identifier: Apache-2.0
import { Worker } from "node:worker_threads";
import type {
  SealedChunk,
  SealerAnswer,
  SealerRequest,
  SealerSetup,
  SealRequest,
} from "./messages.js";

/**
 * The thread that encrypts, hashes and signs, so that the main thread does neither. Requests are
 * answered in order.
 */
export class Sealer implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting: { resolve(chunk: SealedChunk): void; reject(error: Error): void }[] = [];
  #failure: Error | undefined;

  /** Starts the thread, so that it is warm when this node begins to lead. */
  constructor() {
    this.#worker = new Worker(new URL("./sealer-worker.js", import.meta.url));
    this.#worker.on("message", (answer: SealerAnswer) => {
      const waiting = this.#waiting.shift();
      if (answer.ok) waiting?.resolve(answer.chunk);
      else waiting?.reject(new Error(answer.message));
    });
    this.#worker.on("error", (error: Error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the sealer thread has ended")));
    this.#worker.unref();
  }

  /** Hands over the keys and the tree for a new view. */
  begin(setup: SealerSetup): void {
    this.#post({ kind: "begin", setup }, []);
  }

  /** Seals and signs the batch, whose buffer is handed over. */
  seal(request: Omit<SealRequest, "kind">): Promise<SealedChunk> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#post({ kind: "seal", ...request }, [request.batch.buffer as ArrayBuffer]);
    });
  }

  /** Names another certificate of the node in the signatures from the next chunk on. */
  updateCertificate(nodeCertificatePem: string): void {
    this.#post({ kind: "certificate", nodeCertificatePem }, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #post(request: SealerRequest, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(request, transfer);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
