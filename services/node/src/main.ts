// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { loadConfig, runService } from "@consortium/kit";
import { nodeConfigSchema } from "./config.js";
import { startNode } from "./start-node.js";

const USAGE = `ccf-node --config FILE [--check]

  --config FILE  the node's configuration, TOML or JSON (services/node/README.md has every field)
  --check        report what is wrong with the configuration, and end
`;

const { values } = parseArgs({
  options: { config: { type: "string" }, check: { type: "boolean" }, help: { type: "boolean" } },
});

if (values.help === true || values.config === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  const path = values.config;
  if (values.check === true) await check(path);
  else {
    await runService({ name: "ccf-node" }, async ({ stack, signal }) => {
      const node = await startNode(path, { signal });
      stack.defer(() => node.stop());
    });
  }
}

async function check(path: string): Promise<void> {
  try {
    await loadConfig(path, nodeConfigSchema);
    process.stdout.write(`${path} is valid\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
