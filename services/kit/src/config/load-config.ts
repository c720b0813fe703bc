// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { z } from "zod";
import { kitErrors } from "../errors/kit-errors.js";
import type { ConfigDocument, ConfigProblem } from "./document.js";
import { readJson } from "./json-document.js";
import { describeIssues } from "./problems.js";
import { readToml } from "./toml-document.js";

export type ConfigFormat = "toml" | "json";

/**
 * Reads a configuration file, TOML or JSON by its extension, and checks it against a schema.
 * Throws `CONFIG_NOT_READABLE`, or `CONFIG_INVALID` with every problem at once, each with its line.
 * Use `z.strictObject`, so that a misspelt field is a problem.
 *
 * @example
 * const schema = z.strictObject({ network: z.strictObject({ bind_address: zAddress() }) });
 * const config = await loadConfig("node.toml", schema);
 */
export async function loadConfig<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const format = formatOf(path);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw kitErrors("CONFIG_NOT_READABLE", `the configuration file ${path} cannot be read`, {
      details: { path },
      hint: "Check that it exists and that this user may read it.",
      cause,
    });
  }
  return parseConfig(text, schema, { format, path });
}

/** Checks configuration text; `path` is what messages call it. */
export function parseConfig<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  source: { format: ConfigFormat; path: string },
): z.output<Schema> {
  // A byte order mark is what some editors leave; it is no part of the text.
  const clean = text.replace(/^\uFEFF/, "");
  const document: ConfigDocument = source.format === "json" ? readJson(clean) : readToml(clean);
  if (document.problems.length > 0) throw invalid(source.path, document.problems);
  const result = schema.safeParse(document.value);
  if (!result.success) {
    throw invalid(source.path, describeIssues(result.error.issues, document, schema));
  }
  return result.data;
}

function formatOf(path: string): ConfigFormat {
  const extension = extname(path).toLowerCase();
  if (extension === ".toml") return "toml";
  if (extension === ".json") return "json";
  throw kitErrors("CONFIG_NOT_READABLE", `${path} is neither a .toml nor a .json file`, {
    details: { path },
    hint: "Configuration is TOML or JSON, told apart by the extension.",
  });
}

function invalid(path: string, problems: readonly ConfigProblem[]): Error {
  const lines = problems.map(
    ({ line, path: field, message }) =>
      `  line ${line}: ${field === "" ? "" : `${field} `}${message}`,
  );
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return kitErrors("CONFIG_INVALID", [`${path} has ${count}:`, ...lines].join("\n"), {
    details: { path },
    hint: "Correct these lines and start again.",
    fieldViolations: problems.map(({ line, path: field, message }) => ({
      field,
      description: `line ${line}: ${message}`,
    })),
  });
}
