// SPDX-License-Identifier: Apache-2.0
import { kitErrors } from "../errors/kit-errors.js";

const MS_PER_DAY = 86_400_000;

/**
 * Reads the time formats that certificate actions accept: `YYMMDDhhmmssZ`, `YYYYMMDDhhmmssZ`,
 * `YYYY-MM-DD HH:MM:SS` (UTC) and ISO with fraction and offset, with `T` or a space between.
 */
export function parseValidFrom(text: string): Date {
  const parts = asn1Parts(text) ?? isoParts(text);
  const time = parts === undefined ? undefined : toTime(parts);
  if (time === undefined) {
    throw kitErrors("TIME_INVALID", `${JSON.stringify(text)} is not a time`, {
      hint: "Write it as 2026-01-31 12:00:00 (UTC), 2026-01-31T12:00:00+02:00 or 20260131120000Z.",
    });
  }
  return time;
}

/** The last second of a certificate: whole days from its start, inclusive. */
export function validityEnd(validFrom: Date, days: number): Date {
  return new Date(validFrom.getTime() + days * MS_PER_DAY - 1000);
}

interface TimeParts {
  date: readonly number[];
  offsetMinutes: number;
}

function asn1Parts(text: string): TimeParts | undefined {
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (match === null) return undefined;
  const date = match.slice(1).map(Number);
  const year = date[0] ?? 0;
  // RFC 5280 4.1.2.5.1: two digits below 50 are of this century.
  if (match[1]?.length === 2) date[0] = year < 50 ? 2000 + year : 1900 + year;
  return { date, offsetMinutes: 0 };
}

function isoParts(text: string): TimeParts | undefined {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:(Z)|([+-])(\d{2}):?(\d{2}))?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const sign = match[8] === "-" ? -1 : 1;
  const offsetMinutes =
    match[8] === undefined ? 0 : sign * (Number(match[9]) * 60 + Number(match[10]));
  return { date: match.slice(1, 7).map(Number), offsetMinutes };
}

function toTime({ date, offsetMinutes }: TimeParts): Date | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = date;
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date.UTC rolls 31 February over into March: a date that changed was none.
  const asWritten =
    time.getUTCFullYear() === year &&
    time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day &&
    time.getUTCHours() === hour &&
    time.getUTCMinutes() === minute &&
    time.getUTCSeconds() === second;
  return asWritten ? new Date(time.getTime() - offsetMinutes * 60_000) : undefined;
}
