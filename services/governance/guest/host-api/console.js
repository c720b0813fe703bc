// SPDX-License-Identifier: Apache-2.0
const console = {};
for (const level of ["log", "info", "warn", "error"]) {
  define(console, level, function (...values) {
    call("console", [level, values.map((value) => `${value}`).join(" ")]);
  });
}
define(globalThis, "console", console);
