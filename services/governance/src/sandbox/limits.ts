// SPDX-License-Identifier: Apache-2.0
import type { JsRuntimeOptions } from "./runtime-options.js";

/** What one evaluation may use. The same numbers on every node: they are part of the decision. */
export interface EvaluationLimits {
  readonly heapBytes: number;
  readonly stackBytes: number;
  readonly executionMs: number;
  /**
   * For one ballot. Ballots look and answer, and every one is evaluated whenever somebody votes:
   * with the limit of the others a few hostile members could keep a proposal from ever being
   * resolved in time.
   */
  readonly ballotMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: EvaluationLimits = {
  heapBytes: 100 * MIB,
  stackBytes: MIB,
  executionMs: 1_000,
  ballotMs: 250,
};

/**
 * V8 executes QuickJS on its own stack, which must be the larger one: 64 MB hold for 1 MiB of
 * JavaScript stack, so no option raises that.
 */
export const WORKER_STACK_MB = 64;

/** What the stored options cannot exceed, whatever was voted. */
export const LIMIT_CEILING: EvaluationLimits = {
  heapBytes: 512 * MIB,
  stackBytes: MIB,
  executionMs: 30_000,
  ballotMs: 30_000,
};

/** As in CCF the stored options of the service count only where they are higher than the defaults. */
export function limitsFrom(
  options: JsRuntimeOptions | undefined,
  defaults: EvaluationLimits = DEFAULT_LIMITS,
): EvaluationLimits {
  if (options === undefined) return defaults;
  const between = (stored: number, name: keyof EvaluationLimits): number =>
    Math.min(Math.max(stored, defaults[name]), Math.max(LIMIT_CEILING[name], defaults[name]));
  return {
    heapBytes: between(options.max_heap_bytes, "heapBytes"),
    stackBytes: between(options.max_stack_bytes, "stackBytes"),
    executionMs: between(options.max_execution_time_ms, "executionMs"),
    // A service that wants to wait longer wants it for ballots too.
    ballotMs:
      options.max_execution_time_ms > defaults.executionMs
        ? between(options.max_execution_time_ms, "ballotMs")
        : defaults.ballotMs,
  };
}
