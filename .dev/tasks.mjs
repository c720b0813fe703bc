// SPDX-License-Identifier: Apache-2.0
// What the npm scripts do, once dependencies are there.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", name);
const ccfctl = join(root, "cli", "bin", "run.js");

const tasks = {
  start,
  build,
  test,
  lint,
  check,
  bench: async (args) => {
    await build();
    await run(process.execPath, ["integration-tests/dist/bench/main.js", ...args]);
  },
  "test:containers": async (args) => {
    await build();
    await runTests(["integration-tests/dist/containers/**/*.test.js"], args);
  },
  "test:interop": async (args) => {
    await build();
    await runTests(
      ["services/*/dist/interop/**/*.test.js", "integration-tests/dist/interop/**/*.test.js"],
      args,
    );
  },
  "test:fuzz": async (args) => {
    await build();
    await runTests(["{crypto-wasm,services/*}/dist/**/*.fuzz.js"], args);
  },
  "build:wasm": (args) => run(process.execPath, ["crypto-wasm/build.mjs", ...args]),
  clean,
};

const [name = "", ...args] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) {
  console.error(`unknown task ${name}; there are ${Object.keys(tasks).join(", ")}`);
  process.exitCode = 2;
} else {
  try {
    await task(args);
  } catch (error) {
    console.error(error.message);
    process.exitCode = error.exitCode ?? 1;
  }
}

/**
 * Brings up a consortium and does the main job on it; then keeps it running until Ctrl-C, or with
 * --exit takes it down at once.
 */
async function start(args) {
  const flags = args.filter((flag) => flag !== "--exit");
  await build();
  const interrupted = new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, resolve);
  });
  try {
    await run(process.execPath, [ccfctl, "sandbox", "up", ...flags]);
    if (!args.includes("--exit")) {
      console.log("\nThe consortium keeps running. Press Ctrl-C to stop it.");
      await Promise.race([interrupted, new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1))]);
    }
  } finally {
    await run(process.execPath, [ccfctl, "sandbox", "down"]);
  }
}

/** Generates code from the contract and compiles everything that changed. */
async function build() {
  await generateContract();
  await run(bin("tsc"), ["-b"]);
  await generateManifest();
}

async function test(args) {
  await build();
  await run(process.execPath, ["crypto-wasm/build.mjs", "--check"]);
  const files = [
    "{crypto-wasm,cli,proto}/dist/**/*.test.js",
    // Interoperability needs other people's tools: a task of its own.
    "services/*/dist/{*.test.js,!(interop)/**/*.test.js}",
    "integration-tests/dist/journeys/**/*.test.js",
  ];
  await runTests(files, args);
}

/** Everything about the text of the project; needs no tool beyond npm. */
async function lint() {
  await run(bin("prettier"), ["--check", "--log-level", "warn", "."]);
  await run(bin("buf"), ["lint"], join(root, "proto"));
  await checkContract();
  await build();
  await run(bin("oxlint"), ["--type-aware", "--deny-warnings"]);
  await run(
    process.execPath,
    [join(root, "cli/dist/tooling/command-snapshot.js"), "--check"],
    join(root, "cli"),
  );
}

/** The contract may grow, and never breaks what was released: compared with the last commit before. */
async function checkContract() {
  const { status } = spawnSync("git", ["rev-parse", "--verify", "--quiet", "HEAD~1"], {
    cwd: root,
  });
  if (status !== 0) return;
  const before = `${join(root, ".git")}#ref=HEAD~1,subdir=proto`;
  await run(bin("buf"), ["breaking", "--against", before], join(root, "proto"));
}

/** What CI does that needs no tool beyond npm. */
async function check(args) {
  await clean();
  await lint();
  await test(args);
}

async function clean() {
  for (const dist of globSync("{proto,crypto-wasm,services/*,cli,integration-tests}/dist", {
    cwd: root,
  })) {
    rmSync(join(root, dist), { recursive: true, force: true });
  }
  rmSync(join(root, "proto/src/gen"), { recursive: true, force: true });
}

async function generateContract() {
  const sources = globSync("proto/{ccf,google}/**/*.proto", { cwd: root }).sort();
  const inputs = [...sources, "proto/buf.gen.yaml", "package-lock.json"];
  const stamp = join(root, "proto/dist/.generated-from");
  if (isCurrent(stamp, inputs) && existsSync(join(root, "proto/src/gen"))) return;
  await run(bin("buf"), ["generate"], join(root, "proto"));
  mkdirSync(join(root, "proto/dist"), { recursive: true });
  await run(bin("buf"), ["build", "-o", "dist/descriptors.binpb"], join(root, "proto"));
  writeFileSync(stamp, digestOf(inputs));
}

async function generateManifest() {
  const commands = globSync("cli/dist/commands/**/*.js", { cwd: root }).sort();
  const stamp = join(root, "cli/dist/.manifest-from");
  const manifest = join(root, "cli/oclif.manifest.json");
  if (commands.length === 0 || (isCurrent(stamp, commands) && existsSync(manifest))) return;
  await run(
    process.execPath,
    [join(root, "cli/dist/tooling/write-manifest.js")],
    join(root, "cli"),
  );
  writeFileSync(stamp, digestOf(commands));
}

function isCurrent(stamp, inputs) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === digestOf(inputs);
}

function digestOf(files) {
  const digest = createHash("sha256");
  for (const file of files) digest.update(file).update(readFileSync(join(root, file)));
  return digest.digest("hex");
}

async function runTests(patterns, args) {
  await run(process.execPath, ["--test", "--test-concurrency=2", ...args, ...patterns]);
}

function run(command, args, cwd = root) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else {
        const words = [command, ...args].map((word) => word.replace(`${root}/`, "")).join(" ");
        reject(
          Object.assign(new Error(`failed (${signal ?? code}): ${words}`), { exitCode: code ?? 1 }),
        );
      }
    });
  });
}
