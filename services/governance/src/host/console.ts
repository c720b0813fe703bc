// SPDX-License-Identifier: Apache-2.0
import type { LogLine } from "../sandbox/protocol.js";
import type { HostFunctions } from "./host-function.js";

const LINES_MAX = 100;
const LINE_CHARACTERS_MAX = 1_000;
const LEVELS: readonly unknown[] = ["log", "info", "warn", "error"];

/** `console` and `Math.random`. */
export const globalFunctions: HostFunctions = {
  console([level, text], _, { log }) {
    if (log.length < LINES_MAX && LEVELS.includes(level) && typeof text === "string") {
      log.push({ level: level as LogLine["level"], text: text.slice(0, LINE_CHARACTERS_MAX) });
    }
    return undefined;
  },
  random: (_values, _buffers, { random }) => random.number(),
};
