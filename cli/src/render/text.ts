// SPDX-License-Identifier: Apache-2.0
import { styleText } from "node:util";

/** Text for people. Colour only where the output is a terminal that wants it: `styleText` looks. */

const GOOD = new Set([
  "Open",
  "Accepted",
  "Active",
  "Trusted",
  "PartOfNetwork",
  "Committed",
  "serving",
  "verified",
]);
const BAD = new Set([
  "Rejected",
  "Failed",
  "Invalid",
  "Retired",
  "unreachable",
  "not serving",
  "expired",
]);

/** A status word, coloured by what it means. */
export function statusWord(word: string): string {
  if (GOOD.has(word)) return styleText("green", word, { stream: process.stdout });
  if (BAD.has(word)) return styleText("red", word, { stream: process.stdout });
  return styleText("yellow", word, { stream: process.stdout });
}

export function strong(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

export function faint(text: string): string {
  return styleText("dim", text, { stream: process.stdout });
}

/** Ids are long; ten digits tell apart the few there are. `--json` has them whole. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 10)}…` : id;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
