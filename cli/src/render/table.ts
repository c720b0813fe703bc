// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from "node:util";

const GAP = "  ";

/** Aligned columns under a header; `empty` is said when there are no rows. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): string {
  if (rows.length === 0) return empty;
  return align([header, ...rows]).join("\n");
}

/** `name  value` lines with aligned values. Rows with an undefined value are left out. */
export function renderFields(
  fields: readonly (readonly [string, string | undefined])[],
  indent = "",
): string {
  const present = fields.filter(
    (field): field is readonly [string, string] => field[1] !== undefined,
  );
  return align(present.map(([name, value]) => [`${indent}${name}`, value])).join("\n");
}

/** The last cell of a row may have several lines; they stand below each other. */
function align(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => visibleLength(row[column] ?? ""))),
  );
  return rows.map((row) => {
    const fixed = row.slice(0, -1).map((cell, column) => pad(cell, widths[column] ?? 0) + GAP);
    const before = fixed.join("");
    const margin = " ".repeat(visibleLength(before));
    return (before + (row.at(-1) ?? "").replaceAll("\n", `\n${margin}`)).trimEnd();
  });
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - visibleLength(cell)));
}

function visibleLength(cell: string): number {
  const firstLine = cell.split("\n", 1)[0] ?? "";
  return stripVTControlCharacters(firstLine).length;
}
