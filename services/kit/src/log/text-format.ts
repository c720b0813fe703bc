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
  const source = [record["name"], record["area"]]
    .filter((part) => typeof part === "string")
    .join("/");
  const head = `${show(record["time"])} ${show(record["level"]).toUpperCase().padEnd(5)} ${source}:`;
  return `${[head, prose(record["message"]), ...fields].join(" ")}${formatError(record["err"])}\n`;
}

function formatError(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, message, hint, stack, cause } = error as Record<string, unknown>;
  const first = `\n  ${code === undefined ? "" : `${prose(code)}: `}${prose(message)}`;
  const advice = hint === undefined ? "" : `\n  ${prose(hint)}`;
  const trace = typeof stack === "string" ? `\n  ${prose(framesOf(stack))}` : "";
  return (
    first + advice + trace + (cause === undefined ? "" : `\n  caused by:${formatError(cause)}`)
  );
}

/** A stack begins with the message, which may have several lines. */
function framesOf(stack: string): string {
  const lines = stack.split("\n").map((line) => line.trim());
  return lines.filter((line) => line.startsWith("at ")).join("\n");
}

/** A field's value, quoted unless it is one plain word: nobody's text may look like a record of ours. */
function show(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=\p{C}]+$/u.test(value)) return value;
  return JSON.stringify(value) ?? "";
}

/** Text in full, its lines indented and without control characters. */
function prose(value: unknown): string {
  const text = typeof value === "string" ? value : show(value);
  return text.replaceAll("\n", "\n  ").replace(/[^\P{Cc}\n\t]/gu, "\uFFFD");
}
