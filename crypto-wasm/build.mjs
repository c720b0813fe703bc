// SPDX-License-Identifier: Apache-2.0
// Builds the WebAssembly package into `pkg/`, or with `--check` tells whether `pkg/` is that of the
// present sources. Building needs Rust; checking needs only Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const room = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(room, "pkg");
const digestFile = join(packageFolder, "SOURCES.sha256");
const target = "wasm32-unknown-unknown";
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
else build();

function build() {
  requireTool("cargo", "install Rust from https://rustup.rs");
  requireTool("wasm-pack", `rustup target add ${target} && cargo install wasm-pack`);
  rmSync(packageFolder, { recursive: true, force: true });
  const args = ["build", "--release", "--target", "web", "--no-pack", "--out-dir", packageFolder];
  const built = spawnSync(
    "wasm-pack",
    [...args, "--out-name", "ledger_crypto", join(room, "bindings"), "--", "--locked"],
    {
      cwd: room,
      stdio: "inherit",
      env: {
        ...process.env,
        CARGO_TARGET_DIR: join(room, "target"),
        CARGO_ENCODED_RUSTFLAGS: rustFlags().join("\x1f"),
      },
    },
  );
  if (built.status !== 0)
    fail(`wasm-pack failed. Is the target there? rustup target add ${target}`);
  // wasm-pack writes a .gitignore that would hide the package.
  rmSync(join(packageFolder, ".gitignore"), { force: true });
  writeFileSync(digestFile, digests());
  process.stdout.write(`wrote ${packageFolder}\n`);
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

function check() {
  let recorded;
  try {
    recorded = readFileSync(digestFile, "utf8");
  } catch {
    fail("crypto-wasm/pkg is missing. Build it: npm run build:wasm -w crypto-wasm");
  }
  if (recorded !== digests()) {
    fail(
      "crypto-wasm/pkg was not built from the present Rust sources, or was changed by hand.\n" +
        "Rebuild and commit it: npm run build:wasm -w crypto-wasm",
    );
  }
}

/** One line for all sources together, then one for each built file, as sha256sum writes them. */
function digests() {
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
      bytes = readFileSync(join(packageFolder, file));
    } catch {
      fail(`crypto-wasm/pkg/${file} is missing. Build it: npm run build:wasm -w crypto-wasm`);
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
