// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@consortium/kit";
import type { LedgerPort } from "./ports.js";
import type { MemberKeys } from "./request/member-key.js";
import type { EvaluationLimits } from "./sandbox/limits.js";
import type { Sandbox } from "./sandbox/sandbox.js";

/** Everything that a use case of governance may touch. */
export interface GovernanceScope {
  readonly ledger: LedgerPort;
  readonly sandbox: Pick<Sandbox, "evaluate">;
  readonly memberKeys: Pick<MemberKeys, "verify">;
  readonly limits: EvaluationLimits;
  readonly log: Logger | undefined;
  /** Milliseconds since the epoch. Only ever decides what is taken in, never what is decided. */
  now(): number;
  /**
   * Runs what needs the constitution one after the other. Two at once on one node would only make
   * one another execute again.
   */
  turn<T>(action: () => Promise<T>): Promise<T>;
}

export function createTurns(): GovernanceScope["turn"] {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const result = last.then(action);
    last = result.catch(() => undefined);
    return result;
  };
}
