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
  return align(present.map(([name, value]) => [`${indent}${name}`, indentRest(value)])).join("\n");
}

function align(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => visibleLength(row[column] ?? ""))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : pad(cell, widths[column] ?? 0)))
      .join(GAP)
      .trimEnd(),
  );
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - visibleLength(cell)));
}

function visibleLength(cell: string): number {
  const firstLine = cell.split("\n", 1)[0] ?? "";
  return stripVTControlCharacters(firstLine).length;
}

function indentRest(value: string): string {
  return value.replaceAll("\n", "\n    ");
}
