// SPDX-License-Identifier: Apache-2.0
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
} from "quickjs-emscripten-core";
import type { EvaluationLimits } from "../limits.js";
import type { GuestValue } from "../protocol.js";
import { InstanceMemory, type MemoryImage } from "./memory-image.js";
import { readTrace } from "./trace.js";

/** What the guest calls: an operation, its arguments as JSON, and up to two buffers. */
export type HostCall = (
  operation: string,
  valuesJson: string,
  first: Uint8Array | undefined,
  second: Uint8Array | undefined,
) => Uint8Array | string;

interface EntryPoints {
  readonly begin: QuickJSHandle;
  readonly parse: QuickJSHandle;
  readonly describeError: QuickJSHandle;
  readonly describeResult: QuickJSHandle;
  readonly parametersOf: QuickJSHandle;
}

interface KeptModule {
  readonly name: string;
  readonly text: string;
  readonly image: MemoryImage;
  readonly namespace: QuickJSHandle;
}

export interface GuestFailure {
  readonly name: string;
  readonly reason: string;
  readonly trace: string;
  readonly timedOut: boolean;
}

export type GuestResult<T> =
  { readonly ok: true; readonly value: T } | ({ readonly ok: false } & GuestFailure);

export const TIMEOUT_TEXT = "Operation took too long to complete.";
/** Describing an error may run hostile code once more. */
const DESCRIBE_MS = 50;
const DESCRIBE_BYTES = 4 * 1024 * 1024;
/** Reasons stand on the ledger. */
const REASON_CHARACTERS_MAX = 4_096;
const KEPT_MODULES_MAX = 2;
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;

/**
 * One instance of QuickJS. Every {@link begin} starts from the same memory, whatever ran before.
 * Any exception that V8 itself throws leaves the instance in an unknown state: it is {@link crashed} then.
 */
export class Engine {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #memory: InstanceMemory;
  readonly #entry: EntryPoints;
  readonly #base: MemoryImage;
  /** The most recently used one stands last. */
  readonly #kept: KeptModule[] = [];
  #limits: EvaluationLimits | undefined;
  #deadline = Infinity;
  #timedOut = false;
  #broken = false;

  static async create(hostApi: string, hostCall: HostCall): Promise<Engine> {
    const quickJs = await newQuickJSWASMModuleFromVariant(
      import("@jitl/quickjs-wasmfile-release-sync"),
    );
    const memory = new InstanceMemory(quickJs.getWasmMemory());
    return new Engine(quickJs.newRuntime(), memory, hostApi, hostCall);
  }

  constructor(
    runtime: QuickJSRuntime,
    memory: InstanceMemory,
    hostApi: string,
    hostCall: HostCall,
  ) {
    this.#runtime = runtime;
    this.#memory = memory;
    this.#context = runtime.newContext();
    runtime.setInterruptHandler(() => {
      if (performance.now() < this.#deadline) return false;
      this.#timedOut = true;
      return true;
    });
    this.#entry = this.#install(hostApi, hostCall);
    // What is made on first use must be there before the image is taken.
    void [this.#context.undefined, this.#context.null, this.#context.true, this.#context.false];
    void this.#context.global;
    this.#base = memory.take();
  }

  /** V8 threw through the instance. */
  get crashed(): boolean {
    return this.#broken;
  }

  /** Not to be used again: crashed, or grown so large that the memory should be given back. */
  get broken(): boolean {
    return this.#broken || this.#memory.sizeBytes > MEMORY_BYTES_MAX;
  }

  get deadline(): number {
    return this.#deadline;
  }

  /** A fresh state, in which the module is loaded. */
  load(
    module: { readonly name: string; readonly text: string; readonly keep: boolean },
    limits: EvaluationLimits,
    deadline: number,
  ): GuestResult<QuickJSHandle> {
    // Compared one after the other: hashing a constitution takes longer.
    const index = this.#kept.findIndex(
      ({ name, text }) => name === module.name && text === module.text,
    );
    const [kept] = index < 0 ? [] : this.#kept.splice(index, 1);
    this.#memory.restore(kept?.image ?? this.#base);
    if (kept === undefined && module.keep) this.#memory.clearAbove(this.#base);
    this.#limit(limits, deadline);
    if (kept !== undefined) {
      this.#kept.push(kept);
      return { ok: true, value: kept.namespace };
    }
    const loaded = this.#guard(() => {
      const evaluated = this.#context.evalCode(module.text, module.name, { type: "module" });
      if (evaluated.error !== undefined) return this.#failure(evaluated.error);
      if (!this.#isSettled(evaluated.value)) {
        return failure("SyntaxError", "SyntaxError: await is not supported at the top level");
      }
      return { ok: true, value: evaluated.value } as const;
    });
    if (loaded.ok && module.keep && !this.#broken) this.#keep(module, loaded.value);
    return loaded;
  }

  /** Sets the clock, and offers effects where there are any. */
  begin(options: { nowMs: number; effects: boolean }): void {
    this.#guard(() =>
      this.#invoke(this.#entry.begin, this.#context.newString(JSON.stringify(options))),
    );
  }

  /** The number of parameters that an exported function declares; `undefined` if there is none. */
  parametersOf(namespace: QuickJSHandle, exportName: string): number | undefined {
    const count = this.#guard(() => {
      const exported = this.#context.getProp(namespace, exportName);
      if (this.#context.typeof(exported) !== "function")
        return { ok: true, value: undefined } as const;
      const called = this.#invoke(this.#entry.parametersOf, exported);
      if (!called.ok) return called;
      return { ok: true, value: this.#context.getNumber(called.value) } as const;
    });
    return count.ok ? count.value : undefined;
  }

  /** Calls an exported function and describes what it returned, as JSON. */
  call(
    namespace: QuickJSHandle,
    exportName: string,
    args: readonly GuestValue[],
  ): GuestResult<string> {
    return this.#guard(() => {
      const context = this.#context;
      const exported = context.getProp(namespace, exportName);
      const handles: QuickJSHandle[] = [];
      for (const arg of args) {
        const parsed = this.#invoke(this.#entry.parse, context.newString(JSON.stringify(arg)));
        if (!parsed.ok) return parsed;
        handles.push(parsed.value);
      }
      const called = this.#invoke(exported, ...handles);
      if (!called.ok) return called;
      const described = this.#invoke(this.#entry.describeResult, called.value);
      if (!described.ok) return described;
      return { ok: true, value: context.getString(described.value) } as const;
    });
  }

  #install(hostApi: string, hostCall: HostCall): EntryPoints {
    const context = this.#context;
    const host = context.newFunction("host", (operation, values, first, second) => {
      const answer = hostCall(
        context.getString(operation),
        context.getString(values),
        this.#bytesOf(first),
        this.#bytesOf(second),
      );
      if (typeof answer === "string") return context.newString(answer);
      return context.newArrayBuffer(new Uint8Array(answer).buffer);
    });
    const install = context.unwrapResult(context.evalCode(hostApi, "ccf", { type: "global" }));
    // The handle of `host` is kept: were the guest to free the last one, the function would be lost.
    const entry = context.unwrapResult(context.callFunction(install, context.undefined, host));
    return {
      begin: context.getProp(entry, "begin"),
      parse: context.getProp(entry, "parse"),
      describeError: context.getProp(entry, "describeError"),
      describeResult: context.getProp(entry, "describeResult"),
      parametersOf: context.getProp(entry, "parametersOf"),
    };
  }

  #bytesOf(handle: QuickJSHandle | undefined): Uint8Array | undefined {
    if (handle === undefined || this.#context.typeof(handle) !== "object") return undefined;
    const view = this.#context.getArrayBuffer(handle);
    const bytes = view.value.slice();
    view.dispose();
    return bytes;
  }

  #limit(limits: EvaluationLimits, deadline: number): void {
    this.#limits = limits;
    this.#deadline = deadline;
    this.#timedOut = false;
    this.#runtime.setMemoryLimit(limits.heapBytes);
    this.#runtime.setMaxStackSize(limits.stackBytes);
  }

  #keep({ name, text }: Pick<KeptModule, "name" | "text">, namespace: QuickJSHandle): void {
    this.#kept.push({ name, text, image: this.#memory.take(), namespace });
    if (this.#kept.length > KEPT_MODULES_MAX) this.#kept.shift();
  }

  /** False for a module that waits at its top level: nothing ever runs its pending jobs. */
  #isSettled(namespace: QuickJSHandle): boolean {
    const state = this.#context.getPromiseState(namespace);
    return state.type === "fulfilled" && state.notAPromise === true;
  }

  /** The handles are not disposed: the memory they point to is put back as a whole. */
  #invoke(callee: QuickJSHandle, ...args: QuickJSHandle[]): GuestResult<QuickJSHandle> {
    const result = this.#context.callFunction(callee, this.#context.undefined, ...args);
    return result.error === undefined
      ? { ok: true, value: result.value }
      : this.#failure(result.error);
  }

  #failure(error: QuickJSHandle): { readonly ok: false } & GuestFailure {
    if (this.#timedOut) {
      return { ok: false, name: "InternalError", reason: TIMEOUT_TEXT, trace: "", timedOut: true };
    }
    this.#runtime.setMemoryLimit((this.#limits?.heapBytes ?? 0) + DESCRIBE_BYTES);
    this.#deadline = performance.now() + DESCRIBE_MS;
    const described = this.#context.callFunction(
      this.#entry.describeError,
      this.#context.undefined,
      error,
    );
    if (described.error !== undefined) return failure("Error", "an error that cannot be shown");
    const { name, reason, trace } = JSON.parse(this.#context.getString(described.value)) as {
      name: string;
      reason: string;
      trace: string;
    };
    return { ...failure(name, reason.slice(0, REASON_CHARACTERS_MAX)), trace: readTrace(trace) };
  }

  #guard<T>(action: () => GuestResult<T>): GuestResult<T> {
    try {
      return action();
    } catch {
      this.#broken = true;
      return failure("InternalError", "InternalError: the sandbox was torn down");
    }
  }
}

function failure(name: string, reason: string): { readonly ok: false } & GuestFailure {
  return { ok: false, name, reason, trace: "", timedOut: false };
}
