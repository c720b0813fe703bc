// SPDX-License-Identifier: Apache-2.0
/** One line that is written over, on a terminal; nothing in a pipe. */
export interface ProgressLine extends Disposable {
  show(text: string): void;
  clear(): void;
}

const REDRAW_MS = 100;

export function progressLine(options: { enabled: boolean }): ProgressLine {
  const enabled = options.enabled && process.stderr.isTTY;
  let drawnAt = 0;
  const clear = (): void => {
    if (drawnAt > 0) process.stderr.write("\r\u001B[K");
    drawnAt = 0;
  };
  return {
    show(text) {
      const now = performance.now();
      if (!enabled || now - drawnAt < REDRAW_MS) return;
      process.stderr.write(`\r\u001B[K${text}`);
      drawnAt = now;
    },
    clear,
    [Symbol.dispose]: clear,
  };
}
