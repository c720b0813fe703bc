// SPDX-License-Identifier: Apache-2.0
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";
import { type ConfigDocument, LineIndex, type PathStep } from "./document.js";

/** Reads TOML and keeps the line of every value. */
export function readToml(text: string): ConfigDocument {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const message = `this is not TOML: ${error.message}`;
    return {
      value: undefined,
      lineOf: () => undefined,
      problems: [{ line: error.lineNumber, path: "", message }],
    };
  }
  const lines = new LineIndex();
  lines.set([], 1);
  for (const node of program.body[0].body) {
    if (node.type === "TOMLTable") indexTable(node, lines);
    else indexField(node, [], lines);
  }
  return { value: getStaticTOMLValue(program), lineOf: (path) => lines.get(path), problems: [] };
}

function indexTable(table: AST.TOMLTable, lines: LineIndex): void {
  indexSteps(table.resolvedKey, [], table.loc.start.line, lines);
  for (const field of table.body) indexField(field, table.resolvedKey, lines);
}

function indexField(field: AST.TOMLKeyValue, path: readonly PathStep[], lines: LineIndex): void {
  const names = field.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
  indexSteps(names, path, field.loc.start.line, lines);
  indexValue(field.value, [...path, ...names], lines);
}

/** `a.b.c = 1` is also the first mention of `a` and `a.b`. */
function indexSteps(
  steps: readonly PathStep[],
  path: readonly PathStep[],
  line: number,
  lines: LineIndex,
): void {
  steps.forEach((_, depth) => lines.set([...path, ...steps.slice(0, depth + 1)], line));
}

function indexValue(value: AST.TOMLContentNode, path: readonly PathStep[], lines: LineIndex): void {
  lines.set(path, value.loc.start.line);
  if (value.type === "TOMLArray") {
    value.elements.forEach((element, position) => indexValue(element, [...path, position], lines));
  } else if (value.type === "TOMLInlineTable") {
    for (const field of value.body) indexField(field, path, lines);
  }
}
