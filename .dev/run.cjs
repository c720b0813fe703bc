// SPDX-License-Identifier: Apache-2.0
// The door of every npm script. It runs on whatever Node the machine has, installs what the lock
// file says when that has changed, and hands over to the Node that the project pins.
"use strict";
var childProcess = require("child_process");
var crypto = require("crypto");
var fs = require("fs");
var path = require("path");

var root = path.resolve(__dirname, "..");
var modules = path.join(root, "node_modules");
var windows = process.platform === "win32";

main(process.argv.slice(2));

function main(args) {
  installDependencies();
  var node = path.join(modules, "node", "bin", windows ? "node.exe" : "node");
  if (!fs.existsSync(node)) node = process.execPath;
  var env = Object.assign({}, process.env);
  env.PATH = path.join(modules, ".bin") + path.delimiter + (env.PATH || "");
  var child = childProcess.spawn(node, [path.join(__dirname, "tasks.mjs")].concat(args), {
    cwd: root,
    env: env,
    stdio: "inherit",
  });
  // Ctrl-C reaches the child too: it cleans up, and its exit ends this process.
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach(function (signal) {
    process.on(signal, function () {
      if (signal !== "SIGINT") child.kill(signal);
    });
  });
  child.on("exit", function (code, signal) {
    process.exitCode = signal ? 1 : code;
  });
}

function installDependencies() {
  var lock = fs.readFileSync(path.join(root, "package-lock.json"));
  var digest = crypto.createHash("sha256").update(lock).digest("hex");
  var stamp = path.join(modules, ".installed-lock");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === digest) return;
  console.log("Installing dependencies …");
  var npm = currentNpm() || bootstrapNpm();
  run(npm.command, npm.args.concat(["ci", "--no-audit", "--no-fund", "--loglevel=error"]));
  fs.writeFileSync(stamp, digest);
}

// The npm that started this script, if it knows workspaces and lock files of version 3.
function currentNpm() {
  var match = /npm\/(\d+)\./.exec(process.env.npm_config_user_agent || "");
  var cli = process.env.npm_execpath;
  if (!match || Number(match[1]) < 8 || !cli) return undefined;
  return { command: process.execPath, args: [cli] };
}

// An old npm can still fetch a new one, and the Node that runs it. They live outside node_modules,
// which `npm ci` empties.
function bootstrapNpm() {
  var folder = path.join(root, ".bootstrap");
  var bin = path.join(folder, "node_modules");
  var cli = path.join(bin, "npm", "bin", "npm-cli.js");
  if (!fs.existsSync(cli)) {
    if (!fs.existsSync(folder)) fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
    var pinned = require(path.join(root, "package.json")).devDependencies.node;
    var packages = ["node@" + pinned, "npm@11"];
    run(
      windows ? "npm.cmd" : "npm",
      ["install", "--no-save", "--unsafe-perm"].concat(packages),
      folder,
    );
  }
  return { command: path.join(bin, "node", "bin", windows ? "node.exe" : "node"), args: [cli] };
}

function run(command, args, cwd) {
  var result = childProcess.spawnSync(command, args, { cwd: cwd || root, stdio: "inherit" });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status || 1);
}
