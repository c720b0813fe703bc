// SPDX-License-Identifier: Apache-2.0

/** A step into a configuration: a field name or an index. */
export type PathStep = string | number;

/** One thing that is wrong in a configuration file. */
export interface ConfigProblem {
  /** From 1. */
  line: number;
  /** `network.rpc_interfaces.main.bind_address`, empty for the file as a whole. */
  path: string;
  message: string;
}

/** A configuration file that was read: its content, and where each part of it stands. */
export interface ConfigDocument {
  value: unknown;
  /** The line of the value at this path, or undefined when the path is not in the file. */
  lineOf(path: readonly PathStep[]): number | undefined;
  /** What is wrong with the file itself. When there is any, `value` is not to be used. */
  problems: readonly ConfigProblem[];
}

/** `a.b[2].c`, with quotes where a name would be read otherwise. */
export function formatPath(path: readonly PathStep[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z0-9_-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Remembers the line of each path. */
export class LineIndex {
  readonly #lines = new Map<string, number>();

  set(path: readonly PathStep[], line: number): void {
    const key = JSON.stringify(path);
    // The first mention is where a person looks: `[a.b]` before its fields.
    if (!this.#lines.has(key)) this.#lines.set(key, line);
  }

  get(path: readonly PathStep[]): number | undefined {
    return this.#lines.get(JSON.stringify(path));
  }
}
