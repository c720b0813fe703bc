// SPDX-License-Identifier: Apache-2.0
import { cleanEnvironment, Program } from "./program.js";
import { ccfctlProgram } from "./workspace.js";
import { type ChildProcess, spawn } from "node:child_process";

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CcfctlOptions {
  /** The working directory, where the command looks for a sandbox. */
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a failed command printed with `--json`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
  readonly hint?: string;
}

/** The real `ccfctl`, used from one folder. */
export class Ccfctl {
  readonly #options: CcfctlOptions;

  constructor(options: CcfctlOptions) {
    this.#options = options;
  }

  /** Runs a command to its end, whatever that is. */
  async run(...args: string[]): Promise<Outcome> {
    const child = spawn(process.execPath, [ccfctlProgram(), ...args], {
      cwd: this.#options.cwd,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return outcomeOf(child);
  }

  /** What it printed; fails unless the command succeeds. */
  async text(...args: string[]): Promise<string> {
    const outcome = await this.run(...args);
    if (outcome.exitCode !== 0) throw failed(args, outcome);
    return outcome.stdout;
  }

  /** Its result as JSON; fails unless the command succeeds. */
  async json<Result>(...args: string[]): Promise<Result> {
    return JSON.parse(await this.text(...args, "--json")) as Result;
  }

  /** Its failure; fails if the command succeeds. */
  async failure(...args: string[]): Promise<Failure & { exitCode: number }> {
    const outcome = await this.run(...args, "--json");
    if (outcome.exitCode === 0) throw new Error(`ccfctl ${args.join(" ")} succeeded`);
    const { error } = JSON.parse(outcome.stdout) as { error: Failure };
    return { ...error, exitCode: outcome.exitCode };
  }

  /** Starts a command that goes on, for example `node start`. */
  start(...args: string[]): Promise<Program> {
    const { cwd } = this.#options;
    const options = {
      name: `ccfctl ${args.join(" ")}`,
      cwd,
      env: this.#environment(),
      group: true,
    };
    return Program.start(process.execPath, [ccfctlProgram(), ...args], options);
  }

  #environment(): NodeJS.ProcessEnv {
    // The configuration of the developer must not be found.
    const XDG_CONFIG_HOME = `${this.#options.cwd}/no-config`;
    return cleanEnvironment({ XDG_CONFIG_HOME, ...this.#options.env });
  }
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (part: string) => (text[name] += part));
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? -1, ...text }));
  });
}

function failed(args: readonly string[], { exitCode, stdout, stderr }: Outcome): Error {
  return new Error(`ccfctl ${args.join(" ")} ended with ${exitCode}\n${stdout}${stderr}`);
}
