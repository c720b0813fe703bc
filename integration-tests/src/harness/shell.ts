// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Program } from "./program.js";

export interface ShellOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** A folder for its scripts, outside of the one it works in. */
  readonly scratch: string;
}

/** A shell that stays, as a terminal does: what one box sets, the next one sees. */
export class Shell implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #options: ShellOptions;
  readonly #background = new Map<string, Program>();
  #output = "";
  #count = 0;
  #ended = false;
  #changed: (() => void) | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
    const { cwd, env } = options;
    this.#child = spawn("/bin/sh", [], { cwd, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#changed?.();
    });
    this.#child.once("close", () => {
      this.#ended = true;
      this.#changed?.();
    });
  }

  /** Executes commands up to the first that fails, and answers everything they printed. */
  async run(commands: string): Promise<string> {
    const script = await this.#write(commands);
    const mark = randomBytes(8).toString("hex");
    this.#output = "";
    // A failing command ends the shell, which is how we hear of it.
    this.#child.stdin.write(`set -e\n. "${script}" 2>&1\nset +e\necho "${mark}"\n`);
    while (!this.#output.includes(mark)) {
      if (this.#ended) throw new Error(`failed:\n${commands}\n\n${this.#output}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
    return this.#output.slice(0, this.#output.indexOf(mark));
  }

  /**
   * Executes commands in a terminal of their own, and waits until they have printed something. The
   * same commands again go into the same terminal, when what runs there has ended.
   */
  async start(commands: string, expected: RegExp): Promise<void> {
    await this.#background.get(commands)?.exited;
    const script = await this.#write(`exec ${commands}`);
    const { cwd, env } = this.#options;
    const program = await Program.start("/bin/sh", [script], { name: commands, cwd, env });
    this.#background.delete(commands);
    this.#background.set(commands, program);
    await program.printed(expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    // In reverse: who was started last needs the others.
    for (const program of [...this.#background.values()].toReversed()) {
      program.signal("SIGTERM");
      await program.exited;
    }
  }

  async #write(commands: string): Promise<string> {
    this.#count += 1;
    const script = join(this.#options.scratch, `box-${this.#count}.sh`);
    await writeFile(script, `${commands}\n`);
    return script;
  }
}
