// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDiff } from "../../render/constitution.js";
import { diffLines } from "./diff-lines.js";

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join("");

test("Texts that are the same have no difference", () => {
  assert.deepEqual(diffLines(numbered(1, 20), numbered(1, 20)), []);
  assert.deepEqual(diffLines("", ""), []);
});

test("A changed line is shown with three around it, as diff -u does", () => {
  const changed = numbered(1, 20).replace("line 10\n", "line ten\n");
  assert.equal(
    renderDiff(diffLines(numbered(1, 20), changed)),
    [
      "@@ -7,7 +7,7 @@",
      " line 7",
      " line 8",
      " line 9",
      "-line 10",
      "+line ten",
      " line 11",
      " line 12",
      " line 13",
    ].join("\n"),
  );
});

test("Changes that are near are one hunk, others are not", () => {
  const near = numbered(1, 40).replace("line 10\n", "").replace("line 16\n", "more\nline 16\n");
  assert.equal(diffLines(numbered(1, 40), near).length, 1);
  const far = numbered(1, 40).replace("line 10\n", "").replace("line 30\n", "more\nline 30\n");
  const hunks = diffLines(numbered(1, 40), far);
  assert.deepEqual(
    hunks.map(({ oldStart, newStart }) => [oldStart, newStart]),
    [
      [7, 7],
      [27, 26],
    ],
  );
});

test("Something can be added to nothing, and everything can be removed", () => {
  assert.equal(renderDiff(diffLines("", "a\nb\n")), "@@ -1,0 +1,2 @@\n+a\n+b");
  assert.equal(renderDiff(diffLines("a\nb\n", "")), "@@ -1,2 +1,0 @@\n-a\n-b");
});

test("The new text follows from the old one and the hunks", () => {
  for (const [before, after] of [
    [numbered(1, 30), numbered(5, 35)],
    [numbered(1, 30), numbered(1, 30).split("\n").reverse().join("\n")],
    ["a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n"],
  ] as const) {
    const kept = diffLines(before, after).flatMap(({ lines }) =>
      lines.filter(({ kind }) => kind !== "removed").map(({ text }) => text),
    );
    for (const line of kept) assert.ok(after.includes(line));
    const added = diffLines(before, after).flatMap(({ lines }) =>
      lines.filter(({ kind }) => kind === "added"),
    ).length;
    const removed = diffLines(before, after).flatMap(({ lines }) =>
      lines.filter(({ kind }) => kind === "removed"),
    ).length;
    const lines = (text: string): number => text.replace(/\n$/, "").split("\n").length;
    assert.equal(lines(before) - removed + added, lines(after));
  }
});
