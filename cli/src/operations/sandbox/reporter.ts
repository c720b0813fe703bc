// SPDX-License-Identifier: Apache-2.0
import { faint, strong } from "../../render/text.js";

/** How a long operation tells what it is doing. */
export interface Reporter {
  /** Something begins; `commands` are what a person would type for it. */
  step(title: string, ...commands: string[]): void;
  /** What came of it. */
  fact(text: string): void;
}

const SILENT: Reporter = { step: () => undefined, fact: () => undefined };

export function silentReporter(): Reporter {
  return SILENT;
}

/** Prints each step as it happens, with the seconds since the beginning. */
export function printingReporter(print: (line: string) => void): Reporter {
  const start = performance.now();
  return {
    step(title, ...commands) {
      const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
      print(`${faint(`${seconds}s`)}  ${strong(title)}`);
      for (const command of commands) print(`        $ ${command}`);
    },
    fact: (text) => print(`        ${faint(text)}`),
  };
}
