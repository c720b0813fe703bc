// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { beginsAsShown, isAsShown, readSteps } from "../harness/page.js";
import { temporaryFolder } from "../harness/temporary-folder.js";
import { executeTutorial } from "../harness/tutorial.js";

/* Whether executing the tutorial would notice that it is wrong. */

const FENCE = "```";

function box(mark: string, text: string): string {
  return `${FENCE}${mark}\n${text}\n${FENCE}\n`;
}

suite("A page", () => {
  test("is read box by box, with what each prints and where it stands", () => {
    const page = `# Title\n\n## One\n\n${box("sh", "echo a")}\n${box("text", "a")}\n## Two\n\n${box("sh background", "serve")}${box("console", "$ no")}${box("sh needs=x", "x")}`;
    assert.deepEqual(readSteps(page), [
      {
        section: "One",
        line: 5,
        commands: "echo a",
        background: false,
        needs: undefined,
        expected: "a",
      },
      {
        section: "Two",
        line: 15,
        commands: "serve",
        background: true,
        needs: undefined,
        expected: undefined,
      },
      {
        section: "Two",
        line: 21,
        commands: "x",
        background: false,
        needs: "x",
        expected: undefined,
      },
    ]);
  });

  test("with a box that does not end is refused", () => {
    assert.throws(() => readSteps(`${FENCE}sh\necho`), /line 1 does not end/);
  });

  test("shows lines that differ in number by an ellipsis alone", () => {
    for (const printed of ["first\nlast", "first\n1\nlast", "first\n1\n2\nlast"]) {
      assert.ok(isAsShown("first\n…\nlast", printed), printed);
    }
    assert.ok(!isAsShown("first\n…\nlast", "first\n1"));
    assert.ok(!isAsShown("first\n…\nlast", "first\nlast\nmore"));
    assert.ok(isAsShown("…\nlast", "last"));
  });

  test("stands for what differs by an ellipsis, within a line", () => {
    assert.ok(isAsShown("id … ok\n2.…", "id 12 ok\n2.7\n"));
    assert.ok(!isAsShown("id … ok", "id 12\n34 ok"));
    assert.ok(!isAsShown("id … ok", "id 12 ok\nand more"));
    assert.ok(!isAsShown("a.c", "abc"));
    assert.ok(beginsAsShown("… ready").test("12:00 ready\nmore"));
  });
});

const noTools = { tools: new Map() };

for (const [name, page, message] of [
  ["a command that fails", box("sh", "true\nfalse\ntrue"), /failed/],
  ["another output than it shows", box("sh", "echo b") + box("text", "a"), /line 1/],
  ["something that ends at once", box("sh background", "false") + box("text", "ready"), /ended/],
] as const) {
  test(`A page with ${name} is found out`, async () => {
    await using folder = await temporaryFolder();
    const file = folder.join("PAGE.md");
    await writeFile(file, page);
    await assert.rejects(executeTutorial(file, noTools), message);
  });
}

test("What one box sets, the next one sees", async () => {
  await using folder = await temporaryFolder();
  const file = folder.join("PAGE.md");
  const first = box("sh", "mkdir sub && cd sub\nexport A=1\nb=2");
  await writeFile(
    file,
    `${first}${box("sh", 'basename "$PWD"; echo "$A$b"')}${box("text", "sub\n12")}`,
  );
  assert.deepEqual(await executeTutorial(file, noTools), []);
});
