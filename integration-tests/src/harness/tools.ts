// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { access, chmod, constants, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { cleanEnvironment } from "./program.js";
import { ROOT } from "./workspace.js";

/* Other people's tools, which judge our work. Nothing in them knows our code. */

export interface ToolOutcome {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A way to run commands, perhaps through another program. */
export class Tools {
  readonly prefix: readonly string[];

  constructor(prefix: readonly string[]) {
    this.prefix = prefix;
  }

  /** Runs a command to its end, whatever that is. */
  run(
    args: readonly string[],
    options: { input?: Uint8Array; cwd?: string } = {},
  ): Promise<ToolOutcome> {
    const [command = "", ...rest] = [...this.prefix, ...args];
    const child = spawn(command, rest, { cwd: options.cwd, env: cleanEnvironment() });
    const stdout: Buffer[] = [];
    let stderr = "";
    child.stdout.on("data", (part: Buffer) => stdout.push(part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input);
    return new Promise((fulfil, reject) => {
      child.once("error", reject);
      child.once("close", (code) =>
        fulfil({ exitCode: code ?? -1, stdout: Buffer.concat(stdout), stderr }),
      );
    });
  }

  /** Its standard output; fails unless the command succeeds. */
  async output(
    args: readonly string[],
    options: { input?: Uint8Array; cwd?: string } = {},
  ): Promise<Buffer> {
    const { exitCode, stdout, stderr } = await this.run(args, options);
    if (exitCode === 0) return stdout;
    throw new Error(`${args.join(" ")} ended with ${exitCode}\n${stdout.toString()}${stderr}`);
  }
}

/** CCF's Python package and its scripts, by `CCF_AUDITOR` or on the path. */
export async function requireCcf(): Promise<Tools> {
  const tools = new Tools((process.env["CCF_AUDITOR"] ?? "").split(" ").filter(Boolean));
  const works = await tools.run(["python", "-c", "import ccf.receipt"]).catch(() => undefined);
  if (works?.exitCode === 0) return tools;
  throw new Error(
    `CCF's Python package is missing: \`pip install ccf\` into a virtual environment of Python 3.12 or newer that is on the PATH, or name a command in CCF_AUDITOR that runs its arguments there. ${works?.stderr ?? ""}`,
  );
}

/** grpcurl, by `GRPCURL` or on the path. */
export async function requireGrpcurl(): Promise<Tools> {
  const command = process.env["GRPCURL"] ?? "grpcurl";
  const tools = new Tools([command]);
  const works = await tools.run(["-version"]).catch(() => undefined);
  if (works?.exitCode === 0) return tools;
  throw new Error(
    "grpcurl is missing: `go install github.com/fullstorydev/grpcurl/cmd/grpcurl@latest`, and put it on the PATH or name it in GRPCURL.",
  );
}

/**
 * A folder for the path in which a command goes by another name. What it calls is looked up now:
 * later it would find itself.
 */
export async function commandFolder(
  folder: string,
  commands: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  for (const [name, words] of Object.entries(commands)) {
    const file = join(folder, name);
    const [command = "", ...rest] = words;
    const quoted = [await whereIs(command), ...rest]
      .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
      .join(" ");
    await writeFile(file, `#!/bin/sh\nexec ${quoted} "$@"\n`);
    await chmod(file, 0o755);
  }
  return folder;
}

/** The file of a command on today's path; a path stays what it is. */
async function whereIs(command: string): Promise<string> {
  if (command.includes("/")) return resolve(command);
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = resolve(folder, command);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  throw new Error(`there is no ${command} on the path`);
}

/** A script of ours that calls CCF's code. */
export function judge(name: string): string {
  return join(ROOT, "integration-tests", "judges", name);
}
