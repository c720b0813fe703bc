// SPDX-License-Identifier: Apache-2.0
import type { LedgerPort, LedgerSnapshot, PreparedTransaction } from "../ports.js";

/**
 * Gives a use case the state in which a request was decided, and takes what it would submit. Nothing
 * is recorded.
 */
export class AuditLedger implements LedgerPort {
  readonly #snapshot: LedgerSnapshot;
  #submitted: PreparedTransaction | undefined;

  constructor(snapshot: LedgerSnapshot) {
    this.#snapshot = snapshot;
  }

  /** What the request came to; `undefined` if it would have been refused, or changed nothing. */
  get submitted(): PreparedTransaction | undefined {
    return this.#submitted;
  }

  snapshot(): LedgerSnapshot {
    return this.#snapshot;
  }

  submit(transaction: PreparedTransaction): Promise<{ transactionId: string }> {
    this.#submitted = transaction;
    const { view, seqno } = this.#snapshot;
    return Promise.resolve({ transactionId: `${view}.${seqno + 1}` });
  }

  reached(): Promise<void> {
    return Promise.resolve();
  }
}
