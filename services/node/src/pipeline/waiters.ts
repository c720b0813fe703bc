// SPDX-License-Identifier: Apache-2.0

interface Waiter {
  readonly seqno: number;
  resolve(): void;
  reject(error: Error): void;
}

/** Callers that wait until a seqno is committed. */
export class CommitWaiters {
  readonly #waiters: Waiter[] = [];

  wait(seqno: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { seqno, resolve, reject };
      const last = this.#waiters.at(-1);
      if (last === undefined || last.seqno <= seqno) this.#waiters.push(waiter);
      else
        this.#waiters.splice(
          this.#waiters.findIndex((other) => other.seqno > seqno),
          0,
          waiter,
        );
    });
  }

  /** Wakes everyone whose seqno is now committed. */
  commit(seqno: number): void {
    let ready = 0;
    while (ready < this.#waiters.length && (this.#waiters[ready]?.seqno ?? 0) <= seqno) ready += 1;
    for (const waiter of this.#waiters.splice(0, ready)) waiter.resolve();
  }

  /** Tells everyone that what they wait for will not happen. */
  fail(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
