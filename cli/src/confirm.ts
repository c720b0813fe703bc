// SPDX-License-Identifier: Apache-2.0
import { createInterface } from "node:readline/promises";
import { cliErrors } from "./errors.js";

/**
 * Asks before something is signed or destroyed. Without a terminal nobody could answer: a script
 * that calls a command means it.
 */
export async function confirm(question: string, options: { yes: boolean }): Promise<void> {
  if (options.yes || !process.stdin.isTTY || !process.stderr.isTTY) return;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw cliErrors("CONFIRMATION_REFUSED", "nothing was done", { hint: "Answer y, or give --yes." });
}
