// SPDX-License-Identifier: Apache-2.0
import type { DestinationStream } from "pino";

const FIXED_FIELDS = new Set(["level", "time", "pid", "name", "area", "message", "err"]);

/** Writes each record as one line for people: time, level, area, message, fields. */
export function textDestination(output: DestinationStream): DestinationStream {
  return { write: (line) => output.write(formatRecord(line)) };
}

function formatRecord(line: string): string {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const fields = Object.entries(record)
    .filter(([name]) => !FIXED_FIELDS.has(name))
    .map(([name, value]) => `${name}=${show(value)}`);
  const source = [record["name"], record["area"]].filter((part) => part !== undefined).join("/");
  const head = `${show(record["time"])} ${show(record["level"]).toUpperCase().padEnd(5)} ${source}:`;
  return `${[head, show(record["message"]), ...fields].join(" ")}${formatError(record["err"])}\n`;
}

function formatError(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, message, hint, stack, cause } = error as Record<string, unknown>;
  const first = `\n  ${code === undefined ? "" : `${show(code)}: `}${show(message)}`;
  const advice = hint === undefined ? "" : `\n  ${show(hint)}`;
  const trace =
    typeof stack === "string" ? `\n  ${stack.split("\n").slice(1).join("\n  ").trim()}` : "";
  return (
    first + advice + trace + (cause === undefined ? "" : `\n  caused by:${formatError(cause)}`)
  );
}

function show(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? "";
}
