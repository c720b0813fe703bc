// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from "../figure.js";
import { formatGoal, formatSpread, judged, verdict } from "./numbers.js";

/** The cells of one line, for people. */
export interface Row {
  readonly figure: string;
  readonly what: string;
  readonly value: string;
  readonly anchor: string;
  readonly compared: string;
  readonly goal: string;
  readonly verdict: string;
}

export const HEADINGS: Row = {
  figure: "figure",
  what: "what",
  value: "measured",
  anchor: "anchor",
  compared: "against the anchor",
  goal: "goal",
  verdict: "",
};

export function rowOf(measurement: Measurement): Row {
  const { figure, what, unit, values, anchor, compared } = measurement;
  return {
    figure,
    what,
    value: formatSpread(values, unit),
    anchor: anchor === undefined ? "" : `${anchor.what}: ${formatSpread(anchor.values, unit)}`,
    compared: compared === undefined ? "" : comparison(compared),
    goal: formatGoal(measurement.goal, judged(measurement).unit),
    verdict: verdict(measurement),
  };
}

function comparison({ values, unit, how }: NonNullable<Measurement["compared"]>): string {
  const spread = formatSpread(values, unit);
  return how === undefined ? spread : `${spread} ${how}`;
}
