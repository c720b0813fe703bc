// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readCommandSurface } from "./command-surface.js";
import { ROOM } from "./load-commands.js";

// Compares the commands and their flags with the committed snapshot, or writes a new one.
const { values } = parseArgs({
  options: { update: { type: "boolean" }, check: { type: "boolean" } },
});
const file = join(ROOM, "command-snapshot.json");
const current = `${JSON.stringify(await readCommandSurface(), undefined, 2)}\n`;
if (values.update === true) {
  await writeFile(file, current);
} else if ((await readFile(file, "utf8")) !== current) {
  process.stderr.write(
    "The commands differ from cli/command-snapshot.json. If that is meant: npm run snapshot:update -w cli\n",
  );
  process.exitCode = 1;
}
