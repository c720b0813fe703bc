#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Starts ccfctl. This file alone must also run on an older Node, such as the system's: it then
// hands over to the Node this repository pins.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;
const room = dirname(dirname(fileURLToPath(import.meta.url)));

function findUpwards(relativePath) {
  for (let folder = room; ; folder = dirname(folder)) {
    const candidate = join(folder, relativePath);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

function handOver() {
  const pinned = findUpwards(join("node_modules", "node", "bin", "node"));
  if (pinned === undefined || process.env.CCFCTL_HANDED_OVER === "1") {
    stop(
      `ccfctl needs Node ${NODE_MAJOR_MIN} or newer, this is ${process.version}. Try: npm install`,
    );
  }
  const child = spawn(pinned, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, CCFCTL_HANDED_OVER: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => stop(`ccfctl could not start ${pinned}: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

async function main() {
  if (!existsSync(join(room, "dist", "base-command.js"))) {
    stop("ccfctl is not built yet. Try: npm run build");
  }
  delete process.env.CCFCTL_HANDED_OVER;
  const { execute } = await import("@oclif/core/execute");
  await execute({ loadOptions: { root: room } });
}

if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) handOver();
else await main();
