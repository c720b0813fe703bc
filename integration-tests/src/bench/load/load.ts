// SPDX-License-Identifier: Apache-2.0
import { Child } from "./child.js";
import type { FromLoad, LoadRequest, LoadResult, Target, ToLoad } from "./messages.js";

const DEFAULTS: LoadRequest = {
  operation: "put",
  inFlight: 1,
  perMessage: 1,
  valueBytes: 256,
  warmMs: 0,
  measureMs: 0,
  operations: 0,
  keys: 0,
  transactionIds: [],
  watch: [],
};

/** A process that makes load on one server. */
export class Load implements Disposable {
  readonly #child: Child<ToLoad, FromLoad>;

  private constructor(child: Child<ToLoad, FromLoad>) {
    this.#child = child;
  }

  static async start(target: Target): Promise<Load> {
    const load = new Load(Child.start(new URL("./load-program.js", import.meta.url)));
    await load.connect(target);
    return load;
  }

  /** Connects again: the server was started anew. */
  async connect(target: Target): Promise<void> {
    await this.#ask({ kind: "connect", target });
  }

  /** One window of load; the fields not given are those of a single put. */
  async run(request: Partial<LoadRequest>): Promise<LoadResult> {
    const answer = await this.#ask({ kind: "run", request: { ...DEFAULTS, ...request } });
    if (answer === undefined) throw new Error("the load program measured nothing");
    return answer;
  }

  [Symbol.dispose](): void {
    this.#child[Symbol.dispose]();
  }

  async #ask(message: ToLoad): Promise<LoadResult | undefined> {
    const answer = await this.#child.ask(message);
    if (answer.kind === "failed") throw new Error(`the load program failed: ${answer.message}`);
    return answer.result;
  }
}
