// SPDX-License-Identifier: Apache-2.0

const HOST_FRAME = /^(\s*at .*)\(ccf:[0-9:]+\)$/;
const TRACE_CHARACTERS_MAX = 4_096;

/** The trace as its author knows it: the host API appears as CCF's does, as native functions. */
export function readTrace(stack: string): string {
  const lines = stack.slice(0, TRACE_CHARACTERS_MAX).split("\n");
  return lines
    .filter((line, index) => !(HOST_FRAME.test(line) && HOST_FRAME.test(lines[index + 1] ?? "")))
    .map((line) => line.replace(HOST_FRAME, "$1(native)"))
    .join("\n");
}
