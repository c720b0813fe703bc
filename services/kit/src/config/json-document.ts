// SPDX-License-Identifier: Apache-2.0
import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import {
  type ConfigDocument,
  type ConfigProblem,
  formatPath,
  LineIndex,
  type PathStep,
} from "./document.js";

/** Reads JSON and keeps the line of every value. A field written twice is a problem. */
export function readJson(text: string): ConfigDocument {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const lineAt = lineCounter(text);
  const problems: ConfigProblem[] = errors.map((error) => ({
    line: lineAt(error.offset),
    path: "",
    message: `this is not JSON: ${describe(error)}`,
  }));
  const lines = new LineIndex();
  if (root === undefined) {
    if (problems.length === 0) problems.push({ line: 1, path: "", message: "the file is empty" });
  } else {
    index(root, [], { lines, lineAt, problems });
  }
  return {
    value: root === undefined ? undefined : (getNodeValue(root) as unknown),
    lineOf: (path) => lines.get(path),
    problems,
  };
}

interface Indexing {
  lines: LineIndex;
  lineAt: (offset: number) => number;
  problems: ConfigProblem[];
}

function index(node: Node, path: readonly PathStep[], into: Indexing): void {
  into.lines.set(path, into.lineAt(node.offset));
  if (node.type === "array") {
    node.children?.forEach((element, position) => index(element, [...path, position], into));
  } else if (node.type === "object") {
    const seen = new Set<string>();
    for (const property of node.children ?? []) indexProperty(property, path, seen, into);
  }
}

function indexProperty(
  property: Node,
  path: readonly PathStep[],
  seen: Set<string>,
  into: Indexing,
): void {
  const [key, value] = property.children ?? [];
  if (key === undefined || value === undefined) return;
  const name = String(key.value);
  const line = into.lineAt(key.offset);
  const place = [...path, name];
  if (seen.has(name)) {
    into.problems.push({ line, path: formatPath(place), message: "is written twice" });
  }
  seen.add(name);
  into.lines.set(place, line);
  index(value, place, into);
}

/** `PropertyNameExpected` becomes `property name expected`. */
function describe(error: ParseError): string {
  return printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after === -1 ? starts.length : after;
  };
}
