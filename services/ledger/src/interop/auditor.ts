// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** A script of `interop/`, which CCF's own Python runs. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(`../../interop/${name}`, import.meta.url));
}

/**
 * Runs a command of CCF's own Python package. `CCF_AUDITOR` names a program that runs its arguments
 * in an environment where the package `ccf` is installed.
 */
export async function runAuditor(...args: string[]): Promise<string> {
  const auditor = process.env.CCF_AUDITOR;
  if (auditor === undefined || auditor === "") {
    throw new Error(
      "set CCF_AUDITOR to a program that runs its arguments where CCF's Python package is installed, " +
        'for example a script with `exec "$@"` after activating a virtual environment',
    );
  }
  const { stdout } = await execute(auditor, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
