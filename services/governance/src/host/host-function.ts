// SPDX-License-Identifier: Apache-2.0
import type { EvaluationContext, GuestValue, LogLine } from "../sandbox/protocol.js";
import type { DeterministicRandom } from "./random.js";

/** What the code that is being evaluated may do, and what it did. */
export interface HostState {
  /** `load` while a module is loaded: no map can be touched then. */
  readonly context: EvaluationContext | "load";
  readonly random: DeterministicRandom;
  readonly log: LogLine[];
}

export type HostResult = Uint8Array | GuestValue | undefined;

/** One function of the host API. Throws a `GuestError` for what the guest did wrong. */
export type HostFunction = (
  values: readonly unknown[],
  buffers: readonly (Uint8Array | undefined)[],
  state: HostState,
) => HostResult;

export type HostFunctions = Readonly<Record<string, HostFunction>>;
