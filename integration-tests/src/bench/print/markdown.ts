// SPDX-License-Identifier: Apache-2.0
import { describeEnvironment, type Environment } from "../environment.js";
import type { Measurement } from "../figure.js";
import { HEADINGS, type Row, rowOf } from "./rows.js";

const COLUMNS = ["what", "value", "anchor", "compared", "goal", "verdict"] as const;

/** A table for the README. */
export function printMarkdown(
  environment: Environment,
  measurements: readonly Measurement[],
): string {
  const lines = [lineOf(HEADINGS), `| ${COLUMNS.map(() => "---").join(" | ")} |`];
  for (const measurement of measurements) lines.push(lineOf(rowOf(measurement)));
  return `${lines.join("\n")}\n\n${describeEnvironment(environment)}\n`;
}

function lineOf(row: Row): string {
  return `| ${COLUMNS.map((name) => row[name]).join(" | ")} |`;
}
