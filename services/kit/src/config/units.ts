// SPDX-License-Identifier: Apache-2.0
import { z } from "zod";
import { isAppError } from "../errors/app-error.js";
import { parseAddress } from "../rpc/address.js";

const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

const DURATION_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

/** Bytes of `16KB`, `1MB` and so on (powers of 1024, as in CCF), or undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, /^(\d+)(B|KB|MB|GB|TB)$/, SIZE_BYTES);
}

/** Milliseconds of `10000us`, `1000ms`, `30s`, `5min` or `1h`, or undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, /^(\d+)(us|ms|s|min|h)$/, DURATION_MS);
}

function parseQuantity(
  text: string,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const match = pattern.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (unit === undefined) return undefined;
  const product = Number(match?.[1]) * unit;
  return product <= Number.MAX_SAFE_INTEGER ? product : undefined;
}

/** A size field: written `1MB`, read as bytes. */
export function zSize(): z.ZodType<number, string> {
  return quantity(parseSize, "a size such as 16KB or 1MB (units B, KB, MB, GB, TB)");
}

/** A duration field: written `1000ms`, read as milliseconds. */
export function zDuration(): z.ZodType<number, string> {
  return quantity(parseDuration, "a duration such as 100ms or 30s (units us, ms, s, min, h)");
}

/** An address field: `host:port`. */
export function zAddress(): z.ZodType<string, string> {
  return z.string().superRefine((text, context) => {
    try {
      parseAddress(text);
    } catch (error) {
      if (!isAppError(error)) throw error;
      context.addIssue({
        code: "custom",
        message: "expected host:port, for example 127.0.0.1:8080",
      });
    }
  });
}

function quantity(
  parse: (text: string) => number | undefined,
  expected: string,
): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `expected ${expected}` });
    return z.NEVER;
  });
}
