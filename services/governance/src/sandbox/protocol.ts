// SPDX-License-Identifier: Apache-2.0
import type { MessagePort } from "node:worker_threads";
import type { EvaluationLimits } from "./limits.js";

/** What is executed decides what it may do with the maps (`reference` C.2). */
export type EvaluationContext = "validate" | "vote" | "resolve" | "apply";

export type JsonScalar = string | number | boolean | null;
export type GuestValue =
  JsonScalar | readonly GuestValue[] | { readonly [name: string]: GuestValue };

/** A function of a module to call in a state of its own. */
export interface Evaluation {
  readonly module: {
    /** As it stands in traces. */
    readonly name: string;
    readonly text: string;
    /** Keep the loaded module for the next evaluation: true for the constitution. */
    readonly keep: boolean;
  };
  readonly context: EvaluationContext;
  readonly exportName: string;
  readonly args: readonly GuestValue[];
  /** The only clock there is: when the request says it was made. */
  readonly nowMs: number;
  /** What randomness is drawn from. */
  readonly seed: Uint8Array;
}

/** What a function returned, as far as it counts. */
export type ResultDescription =
  | {
      readonly type: "object";
      readonly text: string;
      readonly valid: boolean;
      readonly description?: string;
    }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: string; readonly text: string };

/** How far an evaluation came before it failed. */
export type FailureStage =
  /** The text is not a module. */
  | "compile"
  /** The module threw while it was loaded. */
  | "execute"
  /** There is no such function. */
  | "export"
  /** The function threw, or took too long. */
  | "call"
  /** The sandbox itself gave up. */
  | "engine";

export interface EvaluationFailure {
  readonly ok: false;
  readonly stage: FailureStage;
  readonly reason: string;
  readonly trace?: string;
}

export type EvaluationOutcome =
  | { readonly ok: true; readonly result: ResultDescription; readonly log: readonly LogLine[] }
  | (EvaluationFailure & { readonly log: readonly LogLine[] });

export interface LogLine {
  readonly level: "log" | "info" | "warn" | "error";
  readonly text: string;
}

/** Main thread to worker. */
export interface Job {
  readonly evaluations: readonly Evaluation[];
  readonly limits: EvaluationLimits;
}

/** Worker to main thread. All travel on one port, so that writes arrive before the outcome. */
export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "failedToStart"; readonly message: string }
  | { readonly kind: "done"; readonly outcomes: readonly EvaluationOutcome[] }
  | { readonly kind: "call"; readonly request: BridgeRequest }
  | { readonly kind: "write"; readonly request: BridgeWrite };

/** Answered while the worker waits. */
export type BridgeRequest =
  | { readonly op: "access"; readonly context: EvaluationContext; readonly map: string }
  | { readonly op: "has" | "get" | "version"; readonly map: string; readonly key: Uint8Array }
  | { readonly op: "entries" | "size"; readonly map: string }
  | { readonly op: "effect"; readonly name: string; readonly values: readonly GuestValue[] };

export type BridgeWrite =
  | {
      readonly op: "put";
      readonly map: string;
      readonly key: Uint8Array;
      readonly value: Uint8Array;
    }
  | { readonly op: "remove"; readonly map: string; readonly key: Uint8Array }
  | { readonly op: "clear"; readonly map: string };

export type BridgeAnswer =
  | { readonly kind: "value"; readonly value: Uint8Array | GuestValue | undefined }
  | { readonly kind: "error"; readonly type: GuestErrorType; readonly message: string }
  /** The evaluation is pointless: its state has moved on. */
  | { readonly kind: "abort" };

export type GuestErrorType = "Error" | "InternalError" | "RangeError" | "SyntaxError" | "TypeError";

export interface WorkerStart {
  readonly port: MessagePort;
  /** [0]: answers given; [1]: evaluations begun in this job. */
  readonly shared: Int32Array;
  /** The text of the host API. */
  readonly hostApi: string;
}
