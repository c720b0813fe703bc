// SPDX-License-Identifier: Apache-2.0
import { type Goal, meetsGoal, type Measurement, type Unit } from "../figure.js";
import { type Spread, spreadOf } from "../measure/samples.js";

/** `63,200/s [58,100–66,400]`; without the range after one round. */
export function formatSpread(values: readonly number[], unit: Unit): string {
  const { median, min, max } = spreadOf(values);
  const middle = formatNumber(median, unit);
  return values.length < 2 ? middle : `${middle} [${plain(min, unit)}–${plain(max, unit)}]`;
}

export function formatNumber(value: number, unit: Unit): string {
  if (unit === "/s" || unit === "×") return `${plain(value, unit)}${unit}`;
  return `${plain(value, unit)} ${unit}`;
}

function plain(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return "–";
  if (unit === "×") return value.toFixed(2);
  if (Math.abs(value) >= 1000) return threeDigits(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** More digits than these rounds could not say. */
function threeDigits(value: number): number {
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2);
  return Math.round(value / step) * step;
}

export function formatGoal(goal: Goal | undefined, unit: Unit): string {
  if (goal?.atLeast !== undefined) return `≥ ${formatNumber(goal.atLeast, unit)}`;
  if (goal?.atMost !== undefined) return `≤ ${formatNumber(goal.atMost, unit)}`;
  return "";
}

/** What the goal is for: the comparison where there is one. */
export function judged(measurement: Measurement): { values: readonly number[]; unit: Unit } {
  return measurement.compared ?? { values: measurement.values, unit: measurement.unit };
}

export function verdict(measurement: Measurement): string {
  const { median }: Spread = spreadOf(judged(measurement).values);
  const met = meetsGoal(measurement, median);
  return met === undefined ? "" : met ? "PASS" : "miss";
}
