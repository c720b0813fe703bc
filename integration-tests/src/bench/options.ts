// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";

export interface Options {
  /** Names of figures; all when empty. */
  readonly only: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  readonly output: "table" | "markdown" | "json";
  readonly help: boolean;
}

const ROUNDS_DEFAULT = 5;
const SECONDS_DEFAULT = 2;

export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      seconds: { type: "string" },
      rounds: { type: "string" },
      json: { type: "boolean" },
      markdown: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  return {
    only: (values.only ?? []).flatMap((names) => names.split(",")),
    seconds: positive("--seconds", values.seconds, SECONDS_DEFAULT),
    rounds: Math.ceil(positive("--rounds", values.rounds, ROUNDS_DEFAULT)),
    output: values.json === true ? "json" : values.markdown === true ? "markdown" : "table",
    help: values.help === true,
  };
}

function positive(flag: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new TypeError(`${flag} must be a positive number, not ${text}`);
}
