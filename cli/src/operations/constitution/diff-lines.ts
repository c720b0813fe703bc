// SPDX-License-Identifier: Apache-2.0
import { diff } from "node:util";

/** One line of a comparison; numbers begin at 1. */
export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Lines that belong together, with a few that are the same around them. */
export interface DiffHunk {
  oldStart: number;
  newStart: number;
  lines: DiffLine[];
}

const CONTEXT_LINES = 3;

/** What has to be removed and added to make the new text of the old one. */
export function diffLines(oldText: string, newText: string): DiffHunk[] {
  const [oldLines, newLines] = [splitLines(oldText), splitLines(newText)];
  const start = commonLength(oldLines, newLines);
  const rest = Math.min(oldLines.length, newLines.length) - start;
  const end = Math.min(rest, commonLength(oldLines.toReversed(), newLines.toReversed()));
  const oldMiddle = oldLines.slice(start, oldLines.length - end);
  const newMiddle = newLines.slice(start, newLines.length - end);
  if (oldMiddle.length === 0 && newMiddle.length === 0) return [];
  const changed = diff(oldMiddle, newMiddle);
  const lines: DiffLine[] = [
    ...oldLines.slice(0, start).map((text): DiffLine => ({ kind: "same", text })),
    ...changed.map(([operation, text]): DiffLine => ({ kind: KINDS[operation], text })),
    ...oldLines.slice(oldLines.length - end).map((text): DiffLine => ({ kind: "same", text })),
  ];
  return hunksOf(lines);
}

/** As `diff` of node:util numbers what only its first or its second text has. */
const KINDS = { "1": "removed", "0": "same", "-1": "added" } as const;

/** A last newline ends a line and begins none. */
function splitLines(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function hunksOf(lines: readonly DiffLine[]): DiffHunk[] {
  const hunks: DiffHunk[] = [];
  let [oldLine, newLine] = [1, 1];
  let shownUntil = 0;
  for (const [index, line] of lines.entries()) {
    if (line.kind !== "same" && index >= shownUntil) {
      const from = Math.max(shownUntil, index - CONTEXT_LINES);
      const to = hunkEnd(lines, index);
      const before = index - from;
      const oldStart = oldLine - before;
      hunks.push({ oldStart, newStart: newLine - before, lines: lines.slice(from, to) });
      shownUntil = to;
    }
    if (line.kind !== "added") oldLine += 1;
    if (line.kind !== "removed") newLine += 1;
  }
  return hunks;
}

/** Changes whose surroundings touch are shown together. */
function hunkEnd(lines: readonly DiffLine[], first: number): number {
  let last = first;
  for (let index = first; index < lines.length && index <= last + 2 * CONTEXT_LINES; index += 1) {
    if (lines[index]?.kind !== "same") last = index;
  }
  return Math.min(lines.length, last + 1 + CONTEXT_LINES);
}
