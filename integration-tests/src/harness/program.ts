// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";

const OUTPUT_CHARACTERS_MAX = 1_000_000;
const TAIL_LINES = 15;
const STOP_WITHIN_MS = 20_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  /** How it is called in messages. */
  readonly name: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** It starts programs itself, which a kill is to end too. */
  readonly group?: boolean;
}

const running = new Set<Program>();

// However this process ends, nothing that it started stays behind.
process.once("exit", killAll);
for (const [signal, number] of [
  ["SIGTERM", 15],
  ["SIGINT", 2],
] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(128 + number);
  });
}

function killAll(): void {
  for (const program of running) program.signal("SIGKILL");
}

/** A process that a test started, with everything it prints. */
export class Program implements AsyncDisposable {
  readonly name: string;
  /** Settles when the process has ended and all of its output was read. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #isGroup: boolean;
  readonly #listeners = new Set<() => void>();
  #output = "";
  #exit: Exit | undefined;

  private constructor(child: ChildProcess, { name, group = false }: ProgramOptions) {
    this.name = name;
    this.#isGroup = group;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#append(text));
    }
    this.exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#exit = { code, signal };
        running.delete(this);
        for (const listener of this.#listeners) listener();
        resolve(this.#exit);
      });
    });
    running.add(this);
  }

  /** Starts a program and waits until the system has. */
  static async start(
    command: string,
    args: readonly string[],
    options: ProgramOptions,
  ): Promise<Program> {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: cleanEnvironment(options.env),
      stdio: ["ignore", "pipe", "pipe"],
      detached: options.group ?? false,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    return new Program(child, options);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Undefined as long as it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Everything it has printed. */
  get output(): string {
    return this.#output;
  }

  signal(name: NodeJS.Signals): void {
    // A program passes on what asks it to end, and cannot pass on a kill.
    if (this.#isGroup && name === "SIGKILL" && this.#exit === undefined)
      process.kill(-this.pid, name);
    else this.#child.kill(name);
  }

  /** Ends it without a warning, as a crash does. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited;
  }

  /** Asks it to end, and expects it to do so in order. */
  async stop(): Promise<Exit> {
    if (this.#exit !== undefined) return this.#exit;
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), STOP_WITHIN_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    if (exit.code === 0) return exit;
    throw new Error(this.describe(`did not stop in order: ${exit.signal ?? exit.code}`));
  }

  /** The first match in its output, from the character `from` on. Rejects when it ends before or takes too long. */
  async printed(pattern: RegExp, { withinMs = 30_000, from = 0 } = {}): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | null => pattern.exec(this.#output.slice(from));
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = find();
      if (found !== null) return found;
      if (this.#exit !== undefined) {
        throw new Error(this.describe(`ended with ${this.#exit.signal ?? this.#exit.code}`));
      }
      if (Date.now() >= deadline) throw new Error(this.describe(`did not print ${pattern}`));
      await this.#change(deadline - Date.now());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) await this.kill();
  }

  describe(problem: string): string {
    const tail = this.#output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n  ");
    return `${this.name} ${problem}\n  ${tail}`;
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, ms));
      this.#listeners.add(done);
    });
  }

  #append(text: string): void {
    this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS_MAX);
    for (const listener of this.#listeners) listener();
  }
}

/** Without what the test runner and the terminal of the developer would change. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _context, FORCE_COLOR: _colour, ...environment } = process.env;
  for (const name of Object.keys(environment)) {
    if (name.startsWith("CCFCTL_")) delete environment[name];
  }
  return { ...environment, NO_COLOR: "1", ...extra };
}
