// SPDX-License-Identifier: Apache-2.0
import { Args, Flags } from "@oclif/core";
import { cliErrors } from "../errors.js";
import { parseJsonInput, readInputText } from "../input/read-input.js";
import type { Json, JsonObject } from "../json.js";
import { parseId } from "../operations/governance/ids.js";

/* The pieces that several actions share. */

/** A required id of 64 hex digits; hashes of keys and certificates cannot be abbreviated in a proposal. */
export function idArgument(what: string) {
  return Args.custom<string>({ parse: (text) => Promise.resolve(parseId(text, what)) })({
    required: true,
    ignoreStdin: true,
    description: `${what}, 64 hex digits`,
  });
}

export function textArgument(description: string) {
  return Args.string({ required: true, ignoreStdin: true, description });
}

export function fileArgument(description: string) {
  return Args.string({ required: true, ignoreStdin: true, description });
}

export const dataFlags = {
  data: Flags.string({
    helpValue: "JSON",
    exclusive: ["data-file"],
    description: "free data as JSON text",
  }),
  "data-file": Flags.string({
    helpValue: "FILE",
    description: "free data from a JSON file, or - for standard input",
  }),
};

/** The data that was given in one of two ways, if it was. */
export async function readData(flags: {
  data?: string | undefined;
  "data-file"?: string | undefined;
}): Promise<Json | undefined> {
  const { data, "data-file": file } = flags;
  if (data !== undefined) return parseJsonInput(data, "--data") as Json;
  if (file !== undefined) return parseJsonInput(await readInputText(file), file) as Json;
  return undefined;
}

/** Data where the constitution takes nothing but an object. */
export async function readObjectData(
  flags: Parameters<typeof readData>[0],
): Promise<JsonObject | undefined> {
  const data = await readData(flags);
  if (data === undefined) return undefined;
  return asObject(data, flags.data === undefined ? "--data-file" : "--data");
}

export function asObject(value: Json, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as JsonObject;
  throw cliErrors("INVALID_INPUT", `${what} must be a JSON object`, {
    details: { argument: what },
  });
}

export const validityFlags = {
  "valid-from": Flags.string({
    helpValue: "TIME",
    description: "start, as YYMMDDhhmmssZ, YYYYMMDDhhmmssZ or ISO 8601 [default: now]",
  }),
  "validity-days": Flags.integer({
    min: 1,
    helpValue: "DAYS",
    description: "whole days [default: the most the service allows]",
  }),
};

const TIME_FORMS = [
  /^\d{12}Z$/,
  /^\d{14}Z$/,
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/,
];

export function validityArguments(flags: {
  "valid-from"?: string | undefined;
  "validity-days"?: number | undefined;
}): JsonObject {
  const { "valid-from": validFrom = utcNow(), "validity-days": days } = flags;
  if (!TIME_FORMS.some((form) => form.test(validFrom))) {
    throw cliErrors("INVALID_INPUT", `--valid-from "${validFrom}" is not a time`, {
      details: { argument: "valid-from" },
      hint: "Write it as 20301231235959Z or 2030-12-31T23:59:59Z.",
    });
  }
  return { valid_from: validFrom, ...(days === undefined ? {} : { validity_period_days: days }) };
}

/** YYYYMMDDhhmmssZ. */
function utcNow(): string {
  return `${new Date().toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
}

function parseHex(text: string, what: string, digits: number): string {
  const value = text.toLowerCase();
  if (value.length === digits && /^[0-9a-f]+$/.test(value)) return value;
  throw cliErrors("INVALID_INPUT", `${what} "${text}" is not ${digits} hex digits`, {
    details: { argument: what },
  });
}

export function hexArgument(what: string, digits: number) {
  return Args.custom<string>({ parse: (text) => Promise.resolve(parseHex(text, what, digits)) })({
    required: true,
    ignoreStdin: true,
    description: `${what}, ${digits} hex digits`,
  });
}

export function hexFlag(digits: number) {
  return Flags.custom<string>({
    parse: (text, _context, { name }) => Promise.resolve(parseHex(text, name, digits)),
  });
}

export function integerArgument(description: string, { min, max }: { min: number; max: number }) {
  return Args.custom<number>({
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return Promise.resolve(value);
      throw cliErrors(
        "INVALID_INPUT",
        `${description} "${text}" is not an integer from ${min} to ${max}`,
      );
    },
  })({ required: true, ignoreStdin: true, description: `${description}, ${min} to ${max}` });
}
