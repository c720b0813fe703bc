// SPDX-License-Identifier: Apache-2.0
// Builds the WebAssembly package into `pkg/`.
//   --check    only tells whether `pkg/` is that of the present sources; needs no Rust
//   --compare  builds beside it and tells whether the result is the same, byte for byte
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const room = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(room, "pkg");
const buildFolder = join(room, "target", "pkg");
const digestFile = join(packageFolder, "SOURCES.sha256");
const target = "wasm32-unknown-unknown";
const rebuildCommand = "npm run build:wasm -w crypto-wasm";
const packageFiles = [
  "ledger_crypto.js",
  "ledger_crypto.d.ts",
  "ledger_crypto_bg.wasm",
  "ledger_crypto_bg.wasm.d.ts",
];
const sources = [
  "Cargo.toml",
  "Cargo.lock",
  "build.mjs",
  "core/Cargo.toml",
  "bindings/Cargo.toml",
  ...filesBelow("core/src"),
  ...filesBelow("bindings/src"),
];

if (process.argv.includes("--check")) check();
else if (process.argv.includes("--compare")) compare();
else build();

function build() {
  compile();
  rmSync(packageFolder, { recursive: true, force: true });
  mkdirSync(packageFolder);
  // Only these: wasm-pack also writes a .gitignore that would hide the package.
  for (const file of packageFiles) cpSync(join(buildFolder, file), join(packageFolder, file));
  writeFileSync(digestFile, `# ${compiler()}\n${digests(packageFolder)}`);
  process.stdout.write(`wrote ${packageFolder}\n`);
}

/** The record of `pkg/`, without its first line, which names the compiler. */
function record() {
  try {
    const [head = "", ...lines] = readFileSync(digestFile, "utf8").split("\n");
    return { compiler: head.replace("# ", ""), digests: lines.join("\n") };
  } catch {
    return fail(`crypto-wasm/pkg is missing. Build it: ${rebuildCommand}`);
  }
}

function check() {
  if (record().digests === digests(packageFolder)) return;
  fail(
    "crypto-wasm/pkg was not built from the present Rust sources, or was changed by hand.\n" +
      `Rebuild and commit it: ${rebuildCommand}`,
  );
}

function compare() {
  check();
  compile();
  const recorded = record();
  if (recorded.digests === digests(buildFolder)) {
    process.stdout.write("the build is the same, byte for byte\n");
  } else if (recorded.compiler === compiler()) {
    fail(`crypto-wasm/pkg is not what its sources give. Rebuild and commit it: ${rebuildCommand}`);
  } else {
    const both = `${compiler()}, and the package with ${recorded.compiler}`;
    process.stdout.write(`not comparable byte for byte: built here with ${both}\n`);
  }
}

function compile() {
  requireTool("cargo", "install Rust from https://rustup.rs");
  requireTool("wasm-pack", `rustup target add ${target} && cargo install wasm-pack`);
  rmSync(buildFolder, { recursive: true, force: true });
  const output = ["--no-pack", "--out-dir", buildFolder, "--out-name", "ledger_crypto"];
  const args = ["build", "--release", "--target", "web", ...output, join(room, "bindings")];
  const built = spawnSync("wasm-pack", [...args, "--", "--locked"], {
    cwd: room,
    stdio: "inherit",
    env: {
      ...process.env,
      CARGO_TARGET_DIR: join(room, "target"),
      CARGO_ENCODED_RUSTFLAGS: rustFlags().join("\x1f"),
    },
  });
  if (built.status !== 0) {
    fail(`wasm-pack failed. Is the target installed? rustup target add ${target}`);
  }
}

function compiler() {
  return spawnSync("rustc", ["--version"], { encoding: "utf8" }).stdout.trim();
}

/** SIMD, and no path of the building machine in the result. */
function rustFlags() {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const sysroot = spawnSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).stdout.trim();
  const paths = { [room]: "/crypto-wasm", [cargoHome]: "/cargo", [sysroot]: "/rust" };
  return [
    "-Ctarget-feature=+simd128",
    ...Object.entries(paths).map(([from, to]) => `--remap-path-prefix=${from}=${to}`),
  ];
}

/** One line for all sources together, then one for each built file, as sha256sum writes them. */
function digests(folder) {
  const all = createHash("sha256");
  for (const file of sources) {
    // Line endings are the checkout's, not the source's.
    const text = readFileSync(join(room, file), "utf8").replaceAll("\r\n", "\n");
    all.update(`${file}\0${Buffer.byteLength(text)}\0${text}`);
  }
  const lines = [`${all.digest("hex")}  sources`];
  for (const file of packageFiles) {
    let bytes;
    try {
      bytes = readFileSync(join(folder, file));
    } catch {
      fail(`${join(folder, file)} is missing. Build it: ${rebuildCommand}`);
    }
    lines.push(`${createHash("sha256").update(bytes).digest("hex")}  ${file}`);
  }
  return `${lines.join("\n")}\n`;
}

function filesBelow(folder) {
  return readdirSync(join(room, folder))
    .sort()
    .flatMap((name) => {
      const path = `${folder}/${name}`;
      return statSync(join(room, path)).isDirectory() ? filesBelow(path) : [path];
    });
}

function requireTool(name, advice) {
  if (spawnSync(name, ["--version"]).status !== 0) fail(`${name} is not installed: ${advice}`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
