// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { readCommandSurface } from "./command-surface.js";
import { ROOM } from "./load-commands.js";

// Compares the commands and their flags with the committed snapshot, or writes a new one.
const { values } = parseArgs({
  options: { update: { type: "boolean" }, check: { type: "boolean" } },
});
const file = join(ROOM, "command-snapshot.json");
const current = await readCommandSurface();
if (values.update === true) {
  await writeFile(file, `${JSON.stringify(current, undefined, 2)}\n`);
} else if (!isDeepStrictEqual(JSON.parse(await readFile(file, "utf8")), current)) {
  process.stderr.write(
    "The commands differ from cli/command-snapshot.json. If that is meant: npm run snapshot:update -w cli\n",
  );
  process.exitCode = 1;
}
