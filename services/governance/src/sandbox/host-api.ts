// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** In the order in which one builds on the other. */
const FILES = [
  "primitives.js",
  "determinism.js",
  "console.js",
  "conversions.js",
  "kv.js",
  "crypto.js",
  "attestation.js",
  "governance.js",
  "entry.js",
];
const FOLDER = new URL("../../guest/host-api/", import.meta.url);

/** The host API as one expression: a function that takes `host` and gives its entry points. */
export function readHostApi(): string {
  const parts = FILES.map((file) => readFileSync(new URL(file, FOLDER), "utf8"));
  return `(function (host) { "use strict";\n${parts.join("\n")}\n})`;
}
