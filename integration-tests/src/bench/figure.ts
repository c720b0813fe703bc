// SPDX-License-Identifier: Apache-2.0
import type { Noise } from "./measure/noise.js";
import type { SharedRigs } from "./rig.js";

export type Unit = "/s" | "ms" | "s" | "MB" | "×";

/** One line of the table. Every list has one number a round. */
export interface Measurement {
  readonly figure: string;
  /** What was done, in words. */
  readonly what: string;
  readonly unit: Unit;
  readonly values: readonly number[];
  /** What the same machine gives at the best, measured in the same rounds. */
  readonly anchor?: { readonly what: string; readonly values: readonly number[] };
  /** The two held against each other; without it the goal is for the value itself. */
  readonly compared?: {
    readonly unit: Unit;
    /** Said behind the number: `1.2 ms more`. */
    readonly how?: string;
    readonly values: readonly number[];
  };
  readonly goal?: Goal;
  /** CPU time of one operation in µs, by who spent it. */
  readonly cpuUs?: Readonly<Record<string, readonly number[]>>;
  readonly noise?: readonly Noise[];
}

export interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface RunContext {
  /** Length of one window of measurement. */
  readonly seconds: number;
  readonly rounds: number;
  readonly rigs: SharedRigs;
  /** Tells the person who waits what goes on. */
  say(text: string): void;
}

/** Something to be measured, which may take several lines of the table. */
export interface Figure {
  readonly name: string;
  readonly about: string;
  run(context: RunContext): Promise<Measurement[]>;
}

/** Whether the middle of the rounds meets the goal; undefined where there is none. */
export function meetsGoal(measurement: Measurement, middle: number): boolean | undefined {
  const { goal } = measurement;
  if (goal === undefined || Number.isNaN(middle)) return undefined;
  return middle >= (goal.atLeast ?? -Infinity) && middle <= (goal.atMost ?? Infinity);
}
