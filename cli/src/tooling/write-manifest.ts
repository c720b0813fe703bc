// SPDX-License-Identifier: Apache-2.0
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPlugin, ROOM } from "./load-commands.js";

// The manifest spares the import of every command at each start; the build writes it.
const plugin = await loadPlugin();
const file = join(ROOM, "oclif.manifest.json");
await writeFile(`${file}.tmp`, `${JSON.stringify(plugin.manifest, undefined, 2)}\n`);
await rename(`${file}.tmp`, file);
