// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from "../figure.js";
import { median, spreadOf } from "../measure/samples.js";
import type { Environment } from "../environment.js";
import { describeEnvironment } from "../environment.js";
import { HEADINGS, type Row, rowOf } from "./rows.js";

const COLUMNS = ["what", "value", "compared", "goal", "verdict"] as const;

/** For a terminal: every figure, its anchor and what it cost below it. */
export function printTable(environment: Environment, measurements: readonly Measurement[]): string {
  const rows = [HEADINGS, ...measurements.map(rowOf)];
  const widths = COLUMNS.map((name) => Math.max(...rows.map((row) => row[name].length)));
  const lines = [describeEnvironment(environment), "", lineOf(HEADINGS, widths), ruleOf(widths)];
  for (const measurement of measurements) {
    const row = rowOf(measurement);
    lines.push(lineOf(row, widths));
    if (row.anchor !== "") lines.push(`    anchor: ${row.anchor}`);
    const details = detailsOf(measurement);
    if (details !== "") lines.push(`    ${details}`);
  }
  return `${lines.join("\n")}\n`;
}

function lineOf(row: Row, widths: readonly number[]): string {
  return COLUMNS.map((name, index) => row[name].padEnd(widths[index] ?? 0))
    .join("  ")
    .trimEnd();
}

function ruleOf(widths: readonly number[]): string {
  return widths.map((width) => "─".repeat(width)).join("  ");
}

function detailsOf({ cpuUs, noise }: Measurement): string {
  const cpu = Object.entries(cpuUs ?? {})
    .map(([name, values]) => [name, median(values)] as const)
    .filter(([, value]) => !Number.isNaN(value))
    .map(([name, value]) => `${name} ${value.toFixed(1)}`);
  const parts = cpu.length === 0 ? [] : [`CPU µs each: ${cpu.join(", ")}`];
  if (noise !== undefined && noise.length > 0) {
    const others = spreadOf(noise.map(({ otherCpuShare }) => otherCpuShare * 100));
    parts.push(
      `CPU taken by others ${others.median.toFixed(0)} % [${others.min.toFixed(0)}–${others.max.toFixed(0)}]`,
    );
  }
  return parts.join("; ");
}
