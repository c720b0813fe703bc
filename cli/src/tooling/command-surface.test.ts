// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readCommandSurface } from "./command-surface.js";
import { loadPlugin, ROOM } from "./load-commands.js";

test("The commands and their flags are those of the committed snapshot", async () => {
  const snapshot: unknown = JSON.parse(await readFile(join(ROOM, "command-snapshot.json"), "utf8"));
  assert.deepEqual(
    await readCommandSurface(),
    snapshot,
    "if this is meant: npm run snapshot:update -w cli",
  );
});

test("Every command has a summary, an example and --json", async () => {
  const { manifest } = await loadPlugin();
  for (const [id, command] of Object.entries(manifest.commands)) {
    assert.ok(command.summary, `${id} has no summary`);
    assert.match(command.summary, /\.$/, `the summary of ${id} is not a sentence`);
    assert.ok((command.examples ?? []).length > 0, `${id} has no example`);
    assert.ok("json" in command.flags, `${id} has no --json`);
  }
});

test("No flag asks for a secret on the command line", async () => {
  const { manifest } = await loadPlugin();
  for (const [id, command] of Object.entries(manifest.commands)) {
    for (const name of Object.keys(command.flags)) {
      assert.doesNotMatch(name, /password|secret|token|private/, `${id} --${name}`);
    }
  }
});
