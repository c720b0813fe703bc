// SPDX-License-Identifier: Apache-2.0
import type { core } from "zod";
import { type ConfigDocument, type ConfigProblem, formatPath, type PathStep } from "./document.js";
import { suggestion } from "./suggestion.js";

type Issue = core.$ZodIssue;

/** Every disagreement between file and schema, in the order of the file. */
export function describeIssues(
  issues: readonly Issue[],
  document: ConfigDocument,
  schema: core.$ZodType,
): ConfigProblem[] {
  const problems = issues.flatMap((issue) => describeIssue(issue, document, schema));
  return problems.toSorted((left, right) => left.line - right.line);
}

function describeIssue(
  issue: Issue,
  document: ConfigDocument,
  schema: core.$ZodType,
): ConfigProblem[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      line: lineOf(document, [...path, key]),
      path: formatPath([...path, key]),
      message: `is not a known field${suggestion(schema, path, key)}`,
    }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return nearestAlternative(issue.errors).flatMap((inner) =>
      describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, document, schema),
    );
  }
  const missing = valueAt(document.value, path) === undefined;
  const message = missing ? `is missing: ${expectation(issue)}` : expectation(issue);
  return [{ line: lineOf(document, path), path: formatPath(path), message }];
}

/** Of the forms a value could have taken, the one it came closest to. */
function nearestAlternative(alternatives: readonly Issue[][]): Issue[] {
  return alternatives.reduce((best, next) => (next.length < best.length ? next : best));
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${withArticle(issue.expected)}`;
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_union":
      return "options" in issue && Array.isArray(issue.options)
        ? oneOf(issue.options)
        : issue.message;
    case "too_small":
      return `expected at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

function oneOf(values: readonly unknown[]): string {
  return `expected ${values.map((value) => (typeof value === "bigint" ? String(value) : JSON.stringify(value))).join(" or ")}`;
}

function withArticle(type: string): string {
  const named: Readonly<Record<string, string>> = {
    int: "a whole number",
    record: "a table",
    object: "a table",
    boolean: "true or false",
  };
  return named[type] ?? `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " elements" : "";
}

/** The line of the value, or of the nearest part of the file around it. */
function lineOf(document: ConfigDocument, path: readonly PathStep[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const line = document.lineOf(path.slice(0, length));
    if (line !== undefined) return line;
  }
  return 1;
}

function valueAt(value: unknown, path: readonly PathStep[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Readonly<Record<PathStep, unknown>>)[step];
  }
  return current;
}
