// SPDX-License-Identifier: Apache-2.0
import { cpuMicroseconds, treeCpuMicroseconds } from "../measure/processes.js";
import { median } from "../measure/samples.js";
import type { LoadRequest, LoadResult } from "./messages.js";

/** Times kept for the median; a window may have more calls than are worth remembering. */
const TIMES_MAX = 100_000;

/**
 * The window of measurement: opens when the warm-up is over and closes when its time or its
 * operations are through. Until then, callers go on.
 */
export class Window {
  readonly #request: LoadRequest;
  readonly #times: number[] = [];
  readonly #closed: Promise<void>;
  #close: () => void = () => undefined;
  #counted = 0;
  #openedAt = NaN;
  #closedAt = NaN;
  #before: number[] = [];
  #after: number[] = [];
  transactionId = "";

  constructor(request: LoadRequest) {
    this.#request = request;
    this.#closed = new Promise((resolve) => (this.#close = resolve));
    if (request.warmMs > 0) setTimeout(() => this.#open(), request.warmMs);
    else this.#open();
  }

  /** False when no further call should be made. */
  get isOpen(): boolean {
    return Number.isNaN(this.#closedAt);
  }

  /** Notes operations that were answered just now. */
  answered(operations: number, sentAt: number): void {
    if (Number.isNaN(this.#openedAt) || !this.isOpen) return;
    this.#counted += operations;
    if (this.#times.length < TIMES_MAX) this.#times.push(performance.now() - sentAt);
    if (this.#request.measureMs === 0 && this.#counted >= this.#request.operations) this.#end();
  }

  closed(): Promise<void> {
    return this.#closed;
  }

  result(): LoadResult {
    const { watch } = this.#request;
    const names = ["client", ...watch.map(({ name }) => name)];
    const spent = names.map((name, index) => {
      const used = (this.#after[index] ?? NaN) - (this.#before[index] ?? NaN);
      return [name, used / this.#counted] as const;
    });
    return {
      operations: this.#counted,
      perSecond: (this.#counted / (this.#closedAt - this.#openedAt)) * 1000,
      medianMs: median(this.#times),
      cpuUs: Object.fromEntries(spent),
      transactionId: this.transactionId,
    };
  }

  #open(): void {
    this.#before = this.#readCpu();
    this.#openedAt = performance.now();
    if (this.#request.measureMs > 0) setTimeout(() => this.#end(), this.#request.measureMs);
  }

  #end(): void {
    if (!this.isOpen) return;
    this.#closedAt = performance.now();
    this.#after = this.#readCpu();
    this.#close();
  }

  #readCpu(): number[] {
    const { user, system } = process.cpuUsage();
    const others = this.#request.watch.map(({ pid, tree }) =>
      tree ? treeCpuMicroseconds(pid) : cpuMicroseconds(pid),
    );
    return [user + system, ...others];
  }
}
