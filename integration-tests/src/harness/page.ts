// SPDX-License-Identifier: Apache-2.0

/** One box of commands of a page, with what the page says they print. */
export interface Step {
  /** The heading it stands under. */
  readonly section: string;
  readonly line: number;
  readonly commands: string;
  /** Started in a terminal of its own, where it goes on. */
  readonly background: boolean;
  /** The tool without which it cannot be executed. */
  readonly needs: string | undefined;
  /** Undefined when the page says nothing about it. */
  readonly expected: string | undefined;
}

interface Box {
  readonly section: string;
  readonly line: number;
  readonly words: readonly string[];
  readonly text: string;
}

/**
 * Reads what a page would have its reader do: every box marked `sh` (`sh background` for one that
 * goes on, `sh needs=TOOL` for one that not everybody can do), and the box marked `text` after it.
 */
export function readSteps(page: string): Step[] {
  const boxes = readBoxes(page).filter(({ words }) => ["sh", "text"].includes(words[0] ?? ""));
  const steps: Step[] = [];
  for (const [index, box] of boxes.entries()) {
    if (box.words[0] !== "sh") continue;
    const next = boxes[index + 1];
    steps.push({
      section: box.section,
      line: box.line,
      commands: box.text,
      background: box.words.includes("background"),
      needs: box.words.find((word) => word.startsWith("needs="))?.slice("needs=".length),
      expected: next?.words[0] === "text" ? next.text : undefined,
    });
  }
  return steps;
}

function readBoxes(page: string): Box[] {
  const boxes: Box[] = [];
  let section = "";
  let open: { line: number; words: string[]; lines: string[] } | undefined;
  for (const [index, line] of page.split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence === null) open.lines.push(line);
      else {
        boxes.push({ ...open, section, text: open.lines.join("\n") });
        open = undefined;
      }
    } else if (fence !== null) {
      open = { line: index + 1, words: (fence[1] ?? "").split(" "), lines: [] };
    } else if (line.startsWith("## ")) section = line.slice(3);
  }
  if (open !== undefined) throw new Error(`the box in line ${open.line} does not end`);
  return boxes;
}

/** Whether a text is what a page shows: `…` stands for anything within a line, alone for any lines. */
export function isAsShown(shown: string, printed: string): boolean {
  return patternOf(shown, "$").test(`${printed.trim()}\n`);
}

/** The same for a text of which more may follow. */
export function beginsAsShown(shown: string): RegExp {
  return patternOf(shown, "");
}

function patternOf(shown: string, end: string): RegExp {
  const lines = shown
    .trim()
    .split("\n")
    .map((line) => {
      if (line === "…") return "(?:[^\\n]*\\n)*?";
      const parts = line.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return `${parts.join("[^\\n]*?")}\\n`;
    });
  return new RegExp(`^${lines.join("")}${end}`);
}
